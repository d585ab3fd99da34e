"""How good a run is on a set, and what it says of each image."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import (
    DATA_HELP,
    Classes,
    Data,
    Layout,
    Preprocess,
    Progress,
    RunArgument,
    run_and_data,
    say_left_out,
)
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say
from bcc.errors import UserError


@app.command()
def evaluate(
    run: RunArgument,
    data: Data,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="File for the scores.")],
    split: Annotated[
        str | None,
        typer.Option(
            metavar="all|train|validation|test",
            help="Rows to score. By default the run's test split on its own data (validation if it has "
            "none), and all rows of any other dataset. Rows that the run was trained on are left "
            "out unless 'all'.",
        ),
    ] = None,
    tta: Annotated[
        str | None,
        typer.Option(
            metavar="flips|turns|RECIPE:COUNT",
            help="Average the predictions over several views of each image (test-time augmentation).",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Also score each value of a column (patient, slide, ...) by itself."
        ),
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    force: Force = False,
) -> None:
    """Score a run on a dataset."""
    from bcc.evaluation import evaluate as score
    from bcc.runs import write_json

    if split not in (None, "all", "train", "validation", "test"):
        raise UserError(f"--split takes all, train, validation or test, not '{split}'.")
    out = claim(out, "scores", force, run, data)
    chosen, dataset = run_and_data(run, data, classes, preprocess, layout)
    result = score(chosen, dataset, split or "default", Progress(), tta, by)  # type: ignore[arg-type]
    write_json(out, result)
    say(
        f"accuracy {result['accuracy']:.4f}  macro F1 {result['macro_f1']:.4f}  {result['n']} images "
        f"({result['split']})"
    )
    low, high = result["intervals"]["accuracy"]
    say(f"95 % interval of the accuracy: {low:.1%} to {high:.1%}")
    for group in result.get("groups", ())[:20]:
        say(f"  {group['group']:<24} {group['n']:>6,}  accuracy {group['accuracy']:.1%}")
    for note in (*result["notes"], result["about_absent"]):
        if note:
            say(note)


@app.command()
def predict(
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="File for the table.")],
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="[IMAGE]...", help="New images: files, folders, zips or patterns."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help=f"{DATA_HELP} Or new images: a file, a flat folder or zip, or 'cells/*.jpg'."),
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    force: Force = False,
) -> None:
    """Predict images: index, file, warning, predicted class, one column of probability per class."""
    from bcc.csv_tables import write_table
    from bcc.evaluation.predictions.predict_images import predict as ask
    from bcc.runs import open_run

    sources = [*([data] if data is not None else []), *(images or [])]
    if not sources:
        raise UserError("Say which images: --data with a dataset, or files, folders and patterns.")
    chosen = open_run(run)
    out = claim(out, "table:predicted", force, run, *sources)
    predictions = ask(chosen, sources, classes, preprocess, Progress(), layout)
    write_table(out, predictions.frame(), "%.6f")
    say(f"{len(predictions.probabilities)} images predicted: {out}")
    empty = int((~predictions.held).sum())
    if empty:
        say(f"In {empty} of them no cell was found: what is predicted there means nothing.")
    for note in predictions.notes:
        say(note)
    say_left_out(predictions.skipped)


@app.command()
def count(
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="File for the counts, one line per class.")],
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="[IMAGE]...", help="New images: files, folders, zips or patterns."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help=f"{DATA_HELP} Or new images: a file, a flat folder or zip, or 'cells/*.jpg'."),
    ] = None,
    cells: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Table of all images and what each counts as.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="The count on one page, to print.")
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="Classes that a reviewer gave: columns 'file' and 'label' (or 'class')."
        ),
    ] = None,
    unsure_below: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Confidence below which a cell counts as unsure; as the run proposes."
        ),
    ] = None,
    reviewer: Annotated[str, typer.Option(help="Name of the reviewer, for the report.")] = "",
    notes: Annotated[str, typer.Option(help="Notes for the report.")] = "",
    preprocess: Preprocess = None,
    layout: Layout = None,
    force: Force = False,
) -> None:
    """Count cells per class (a differential), with intervals, unsure and unfamiliar cells apart."""
    from bcc.atomic_files import replacing
    from bcc.csv_tables import write_table
    from bcc.evaluation.count_images import count as count_all
    from bcc.evaluation.reports.differential_report import NOT_MEDICAL, differential_report
    from bcc.models.features import FeatureExtractor
    from bcc.models.saving import load_model
    from bcc.runs import open_run

    sources = [*([data] if data is not None else []), *(images or [])]
    if not sources:
        raise UserError("Say which images: --data with a dataset, or files, folders and patterns.")
    chosen = open_run(run)
    out = claim(out, "table:share", force, run, *sources)
    cells = None if cells is None else claim(cells, "table:corrected", force, run, *sources)
    report = None if report is None else claim(report, "report", force, run, *sources)
    given = {} if corrections is None else _corrections(corrections)
    counted = count_all(
        chosen,
        sources,
        FeatureExtractor(load_model(chosen.model)),
        unsure_below=unsure_below,
        corrections=given,
        preprocessing=preprocess,
        layout=layout,
        progress=Progress(),
    )
    found = counted.differential
    write_table(out, found.table, "%.6f")
    if cells is not None:
        write_table(cells, counted.table, "%.6f")
    if report is not None:
        page = differential_report(
            found, run=chosen.id, images=", ".join(sources), reviewer=reviewer, notes=notes
        )
        with replacing(report) as file:
            file.write(page.encode())
    for one in found.table.to_dict("records"):
        say(
            f"{one['class']:<24} {one['count']:>7,}  {one['share']:6.1%}  ({one['low']:.1%} to "
            f"{one['high']:.1%})  adjusted {one['adjusted_share']:6.1%}"
        )
    others = ", ".join(f"{name} {number:,}" for name, number in found.others.items())
    say(
        f"counted {found.counted:,} of {found.total:,} images; {others} (unsure below "
        f"{counted.unsure_below:.0%})"
    )
    for note in (*found.notes, *counted.predicted.notes, NOT_MEDICAL):
        say(note)
    say_left_out(counted.predicted.skipped)


def _corrections(path: Path) -> dict[str, str]:
    """File -> class, as a reviewer wrote it down."""
    from bcc.datasets.label_table import FILE_COLUMNS, LABEL_COLUMNS, find_column, read_any_table

    table = read_any_table(path)
    file, label = find_column(table, FILE_COLUMNS), find_column(table, LABEL_COLUMNS)
    if file is None or label is None:
        raise UserError(f"'{path.name}' needs the columns 'file' and 'label'.")
    return {str(one): str(name) for one, name in zip(table[file], table[label], strict=True) if name}
