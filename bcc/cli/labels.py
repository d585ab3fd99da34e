"""Commands that put labels right, and compare two people who did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import AsJson, Classes, DataArgument, Layout, Preprocess, open_data
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say, say_to_programs
from bcc.errors import UserError
from bcc.safe_text import shown

if TYPE_CHECKING:
    import pandas as pd

    from bcc.datasets import Dataset, Selection
    from bcc.datasets.label_changes import LabelChanges
    from bcc.quality.agreement import Agreement


@app.command()
def relabel(
    data: DataArgument,
    selection: Annotated[
        str,
        typer.Option(metavar="NAME", help="The selection that holds the changes; made where there is none."),
    ],
    rows: Annotated[
        str | None, typer.Option(metavar="1,5,20-29", help="Rows to change, by number from 0.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Their class; '?' for \"I don't know\".")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv|FILE.xlsx",
            help="Changes in a table: 'row' or 'file', 'label', and optionally 'why'.",
        ),
    ] = None,
    who: Annotated[str, typer.Option(help="Name of the reviewer.")] = "",
    why: Annotated[str, typer.Option(help="Reason, in words.")] = "",
    add_class: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Add a class; may be given several times.")
    ] = None,
    rename_class: Annotated[list[str] | None, typer.Option(metavar="OLD=NEW", help="Rename a class.")] = None,
    merge_class: Annotated[
        list[str] | None, typer.Option(metavar="NAME=INTO", help="Make a class part of another one.")
    ] = None,
    leave_out_class: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Leave all rows of a class out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the label of every row as a table.")
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Put labels right: changes are kept in a selection, the dataset itself is not changed."""
    from bcc.datasets import Selection, open_selection, saved_selections
    from bcc.datasets.selection import selection_path

    if (rows is None) != (to is None):
        raise UserError("Give --rows and --to together: which rows, and their class.")
    if out is not None:
        out = claim(out, "table:given_label", force, data, table)
    dataset = open_data(data, classes, preprocess, layout)
    selection_path(dataset.fingerprint, selection)
    known = selection in saved_selections(dataset)
    before = open_selection(dataset, selection) if known else Selection.of(dataset)
    after = before.with_labels(
        dataset,
        _with_classes(
            dataset,
            before.labels,
            add_class or [],
            rename_class or [],
            merge_class or [],
            leave_out_class or [],
        ),
    )
    if rows is not None and to is not None:
        after = after.relabel(
            dataset, _numbers(rows, len(dataset)), None if to == "?" else to, who=who, why=why
        )
    if table is not None:
        after = _from_table(dataset, after, table, who, why)
    if after.labels != before.labels:
        after.save(selection)
    if out is not None:
        _write(dataset, after, out)
    facts = after.labels.summary(dataset)
    if as_json:
        classes_now = list(after.relabelled(dataset).class_names)
        say_to_programs(json.dumps({"selection": selection, **facts, "class_names": classes_now}, indent=2))
        return
    say(
        f"{dataset.source}, selection '{selection}': {facts['changed']:,} labels changed, "
        f"{facts['confirmed']:,} confirmed, {facts['unknown']:,} unknown"
    )
    for move in facts["moves"]:
        say(f"  {shown(move['old'])} -> {shown(move['new'])}  {move['rows']:,}")
    for sentence in facts["classes"]:
        say(f"  class {shown(sentence)}")
    if out is not None:
        say(f"{out}: the label of every row")


def _with_classes(
    dataset: Dataset,
    labels: LabelChanges,
    added: list[str],
    renamed: list[str],
    merged: list[str],
    left_out: list[str],
) -> LabelChanges:
    for name in added:
        labels = labels.add_class(dataset, name)
    for pair in renamed:
        labels = labels.rename_class(dataset, *_pair(pair, "--rename-class OLD=NEW"))
    for pair in merged:
        labels = labels.merge_classes(dataset, *_pair(pair, "--merge-class NAME=INTO"))
    for name in left_out:
        labels = labels.leave_out_class(dataset, name)
    return labels


def _pair(text: str, form: str) -> tuple[str, str]:
    first, sign, second = text.partition("=")
    if not (sign and first.strip() and second.strip()):
        raise UserError(f"'{text[:80]}' does not name two classes; write {form}.")
    return first.strip(), second.strip()


def _numbers(text: str, rows: int) -> list[int]:
    """Rows such as "1,5,20-29"."""
    found: list[int] = []
    for part in text.split(","):
        first, sign, last = part.strip().partition("-")
        if not first.isdecimal() or (sign and not last.isdecimal()) or int(last or first) >= rows:
            raise UserError(
                f"'{part.strip()[:40]}' names no rows; write numbers from 0 to {rows - 1} such as 1,5,20-29."
            )
        found += range(int(first), int(last or first) + 1)
    return found


def _from_table(dataset: Dataset, selection: Selection, path: Path, who: str, why: str) -> Selection:
    from bcc.datasets.label_table import DONT_KNOW, LABEL_COLUMNS, find_column, read_any_table, rows_named

    table = read_any_table(path)
    column, reasons = find_column(table, LABEL_COLUMNS), find_column(table, ("why", "reason"))
    if column is None:
        raise UserError(
            f"'{path.name}' has no column 'label' (columns: {', '.join(map(str, table.columns[:12]))})."
        )
    lines = table.assign(_row=rows_named(dataset, table, path.name), _why=table[reasons] if reasons else "")
    for (label, reason), part in lines.groupby([column, "_why"], sort=False):
        new = None if str(label).casefold() in DONT_KNOW else str(label)
        selection = selection.relabel(dataset, part["_row"], new, who=who, why=str(reason) or why)
    return selection


def _write(dataset: Dataset, selection: Selection, out: Path) -> None:
    from bcc.csv_tables import write_table

    write_table(out, label_frame(dataset, selection))


def label_frame(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """The label of every row: `row`, `file` where known, `label` ("" for none), `given_label`, `left_out`,
    `who`, `when` and `why` of the last change."""
    import numpy as np
    import pandas as pd

    from bcc.datasets import with_files

    after, given = selection.relabelled(dataset), dataset.as_given
    names = np.array([*after.class_names, ""], object)
    frame = pd.DataFrame(
        {
            "row": np.arange(len(dataset)),
            "label": names[after.labels],
            "given_label": np.array(given.class_names, object)[given.labels],
            "left_out": ~selection.apply(dataset),
        }
    )
    last = {row: changes[-1] for row, changes in selection.labels.rows.items()}
    for column in ("who", "when", "why"):
        frame[column] = [getattr(last[row], column) if row in last else "" for row in frame["row"]]
    return with_files(frame, dataset.files)


@app.command()
def agree(
    data: DataArgument,
    first: Annotated[
        str, typer.Argument(metavar="FIRST", help="A selection of this dataset, or the file of one.")
    ],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="The selection of another reviewer.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Table of all rows that both have reviewed."),
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Compare two reviewers of the same dataset: agreement, kappa, and the cells that they disagree on."""
    import math

    from bcc.csv_tables import write_table
    from bcc.datasets import find_selection, with_files
    from bcc.quality.agreement import agreement

    if out is not None:
        out = claim(out, "table:second", force, data)
    dataset = open_data(data, classes, preprocess, layout)
    found = agreement(dataset, find_selection(dataset, first), find_selection(dataset, second))
    if out is not None:
        write_table(out, with_files(found.table, dataset.files))
    n, (low, high) = len(found.table), found.interval
    facts = {
        "reviewed_by_both": n,
        "agreed": found.agreed,
        "agreement": found.agreed / n if n else None,
        "interval": [low, high] if n else None,
        "kappa": None if math.isnan(found.kappa) else found.kappa,
        "only_first": len(found.only_first),
        "only_second": len(found.only_second),
    }
    if as_json:
        say_to_programs(json.dumps(facts, indent=2))
        return
    _say_agreement(found)


def _say_agreement(found: Agreement) -> None:
    n, (low, high) = len(found.table), found.interval
    only = f"only by the first {len(found.only_first):,}, by the second {len(found.only_second):,}"
    say(f"reviewed by both: {n:,}; {only}")
    if not n:
        say("Nothing can be compared: no row was reviewed by both.")
        return
    say(f"agreement {found.agreed / n:.1%} (95 %: {low:.1%} to {high:.1%})")
    if found.kappa == found.kappa:
        say(f"Cohen's kappa {found.kappa:.3f}")
    for (one, other), part in found.disagreements.groupby(["first", "second"], sort=False):
        say(f"  {shown(str(one))} / {shown(str(other))}  {len(part):,}")
