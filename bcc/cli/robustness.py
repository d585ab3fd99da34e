"""How much a run keeps of its accuracy under distortions and in made-up laboratories."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bcc.cli.app import app
from bcc.cli.options import Classes, Data, Layout, Preprocess, Progress, RunArgument, run_and_data
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say, say_block
from bcc.errors import UserError

if TYPE_CHECKING:
    from bcc.datasets import Dataset
    from bcc.runs import Run


class SuiteName(StrEnum):
    """The suites by the words of the command line."""

    SINGLE = "single"
    CHAINED = "chained"
    LABORATORIES = "laboratories"


@app.command()
def robustness(
    run: RunArgument,
    data: Data,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.json|FILE.csv", help="File for the table.")
    ] = None,
    rows: Annotated[
        str, typer.Option(metavar="N|all", help="Images, drawn by class with a fixed seed, or all.")
    ] = "256",
    suite: Annotated[
        SuiteName,
        typer.Option(
            help="'single': twelve distortions at five strengths; 'chained': one to four consecutive "
            "ones on each "
            "image; 'laboratories': ten made-up laboratories."
        ),
    ] = SuiteName.SINGLE,
    force: Force = False,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
) -> None:
    """Score a run on distorted images."""
    from bcc.csv_tables import write_table
    from bcc.evaluation.rows import about_split, scored_splits
    from bcc.runs import write_json

    if rows != "all" and not (rows.isdecimal() and int(rows)):
        raise UserError(f"--rows takes a number above 0 or 'all', not '{rows}'.")
    if out is not None:
        if out.suffix not in (".json", ".csv"):
            raise UserError(f"--out takes a .json or .csv file, not '{out.name}'.")
        kind = "robustness" if out.suffix == ".json" else f"table:{_COLUMNS[suite]}"
        out = claim(out, kind, force, run, data)
    chosen, dataset = run_and_data(run, data, classes, preprocess, layout)
    number: Any = rows if rows == "all" else int(rows)
    result, lines = _MEASURES[suite](chosen, dataset, number)
    if out is not None and out.suffix == ".csv":
        write_table(out, result.frame())
    elif out is not None:
        write_json(out, {**asdict(result), "suite": suite, "run": chosen.id, "data": dataset.fingerprint})
    say_block("\n".join(lines))
    if dataset.fingerprint == chosen.read_json(chosen.dataset).get("fingerprint"):
        for note in about_split(chosen, scored_splits(chosen)[0]):
            say(note)


def _single(run: Run, dataset: Dataset, rows: Any) -> tuple[Any, list[str]]:
    from bcc.evaluation.robustness.single_distortions import SINGLE

    result = SINGLE.of_run(run, dataset, rows, Progress())
    frame = result.frame()
    wide = frame.pivot(index="distortion", columns="strength", values="accuracy")
    lines = ["strength     " + "  ".join(f"{strength:5.0%}" for strength in wide.columns)]
    for name in dict.fromkeys(frame["distortion"]):
        lines.append(f"{name:<12} " + "  ".join(f"{value:5.1%}" for value in wide.loc[name]))
    lines.append(
        f"clean {result.clean:.1%}  mean {result.mean:.1%}  drop {result.drop:.1%}  {_footing(result)}"
    )
    return result, lines


def _chained(run: Run, dataset: Dataset, rows: Any) -> tuple[Any, list[str]]:
    from bcc.evaluation.robustness.chained import CHAINED

    result = CHAINED.of_run(run, dataset, rows, Progress())
    lines = ["operations"]
    lines += [f"{one['operations']:>10}  {one['accuracy']:5.1%}  n {one['n']}" for one in result.by_number]
    lines.append("with")
    lines += [f"{one['operation']:<20} {one['accuracy']:5.1%}  n {one['n']}" for one in result.by_operation]
    lines.append(
        f"chained {result.accuracy:.1%}  clean {result.clean:.1%}  cell still to be seen "
        f"{result.still_seen:.1%}  {_footing(result)}"
    )
    return result, lines


def _laboratories(run: Run, dataset: Dataset, rows: Any) -> tuple[Any, list[str]]:
    from bcc.evaluation.robustness.laboratories import SUITE

    result = SUITE.of_run(run, dataset, rows, Progress())
    lines = [f"{one['laboratory']:<16} {one['accuracy']:5.1%}" for one in result.table]
    lines.append(
        f"mean {result.mean:.1%}  worst {result.worst:.1%}  clean {result.clean:.1%}  {_footing(result)}"
    )
    return result, lines


def _footing(result: Any) -> str:
    """What numbers must share to compare."""
    return f"({result.n} images, definition {result.version})"


_MEASURES = {SuiteName.SINGLE: _single, SuiteName.CHAINED: _chained, SuiteName.LABORATORIES: _laboratories}
_COLUMNS = {SuiteName.SINGLE: "distortion", SuiteName.CHAINED: "which", SuiteName.LABORATORIES: "laboratory"}
"""A column by which an older table of the suite is told."""
