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
    result = score(chosen, dataset, split or "default", Progress(), tta)  # type: ignore[arg-type]
    write_json(out, result)
    say(
        f"accuracy {result['accuracy']:.4f}  macro F1 {result['macro_f1']:.4f}  "
        f"{result['n']} images ({result['split']})"
    )
    low, high = result["intervals"]["accuracy"]
    say(f"95 % interval of the accuracy: {low:.1%} to {high:.1%}")
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
