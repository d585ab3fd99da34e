"""Runs beside each other, and runs together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bcc.cli.app import app
from bcc.cli.options import Classes, Data, Layout, Preprocess, Progress, RunArgument, run_and_data
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say
from bcc.errors import UserError
from bcc.safe_text import shown

Split = Annotated[
    str | None,
    typer.Option(
        metavar="all|train|validation|test",
        help="Rows, as for evaluate; those that any of the runs was trained on are left out unless 'all'.",
    ),
]


@app.command()
def compare(
    run: RunArgument,
    other: Annotated[str, typer.Argument(metavar="RUN", help="The run to compare with.")],
    data: Data,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="One line per row: what each run predicts.")
    ] = None,
    force: Force = False,
    split: Split = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
) -> None:
    """Compare two runs on the same rows: difference with interval, McNemar's test, who is right where."""
    from bcc.csv_tables import write_table
    from bcc.datasets import with_files
    from bcc.evaluation.comparison import compare as compared
    from bcc.evaluation.predictions.predict_rows import predict_together
    from bcc.runs import open_run

    if out is not None:
        out = claim(out, "table:probability_first", force, run, other, data)
    first, dataset = run_and_data(run, data, classes, preprocess, layout)
    pair = predict_together([first, open_run(other)], dataset, _choice(split), progress=Progress())
    result = compared(pair[0], pair[1])
    if out is not None:
        write_table(out, with_files(result.rows, dataset.files))
    say(f"{result.n} images ({pair[0].split})")
    say(f"{'':<18} {shown(result.first)[:20]:>20} {shown(result.second)[:20]:>20}  difference")
    for line in result.measures.itertuples():
        say(
            f"{str(line.measure).replace('_', ' '):<18} {line.first:>20.4f} {line.second:>20.4f}  "
            f"{line.difference:+.4f} [{line.low:+.4f}, {line.high:+.4f}]"
        )
    say(
        f"both right {result.both}, only {result.first} {result.only_first}, only {result.second} "
        f"{result.only_second}, both wrong {result.neither}"
    )
    say(result.sentence)
    for note in pair[0].notes:
        say(note)


@app.command()
def ensemble(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Two runs or more.")],
    data: Data,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="File for the scores.")],
    mean: Annotated[str, typer.Option(metavar="probabilities|logits", help="What is averaged.")] = (
        "probabilities"
    ),
    fit_weights: Annotated[
        bool, typer.Option("--fit-weights", help="Fit the weights on the first run's validation rows.")
    ] = False,
    split: Split = None,
    force: Force = False,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
) -> None:
    """Score several runs as an ensemble, and compare it with the best of them."""
    from bcc.evaluation.comparison import compare as compared
    from bcc.evaluation.metrics.scores import scores
    from bcc.evaluation.predictions.ensemble import ensemble as together
    from bcc.evaluation.predictions.predict_rows import predict_together, predict_validation
    from bcc.runs import open_run, write_json

    if mean not in ("probabilities", "logits"):
        raise UserError(f"--mean takes probabilities or logits, not '{mean}'.")
    if len(runs) < 2:
        raise UserError("An ensemble needs two runs or more.")
    out = claim(out, "scores", force, runs, data)
    first, dataset = run_and_data(runs[0], data, classes, preprocess, layout)
    chosen = [first, *(open_run(name) for name in runs[1:])]
    members = predict_together(chosen, dataset, _choice(split), progress=Progress())
    validation = predict_validation(chosen) if fit_weights else None
    predictions = together(members, mean, validation)  # type: ignore[arg-type]
    best = max(members, key=lambda one: one.overall["accuracy"])
    gained = compared(best, predictions)
    result: dict[str, Any] = {
        **scores(predictions.labels, predictions.probabilities, predictions.class_names),
        "split": predictions.split,
        "notes": list(predictions.notes),
        "runs": [one.id for one in chosen],
        "mean": mean,
        "members": {one.by: one.overall["accuracy"] for one in members},
        "against_best": gained.sentence,
        "data": {"source": dataset.source, "fingerprint": dataset.fingerprint},
    }
    write_json(out, result)
    for one in members:
        say(f"{one.by}: accuracy {one.overall['accuracy']:.4f}")
    say(
        f"together: accuracy {result['accuracy']:.4f}  macro F1 {result['macro_f1']:.4f}  "
        f"{result['n']} images"
    )
    say(gained.sentence)
    for note in predictions.notes:
        say(note)


def _choice(split: str | None) -> Any:
    if split not in (None, "all", "train", "validation", "test"):
        raise UserError(f"--split takes all, train, validation or test, not '{split}'.")
    return split or "default"
