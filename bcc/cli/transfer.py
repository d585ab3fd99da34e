"""Whether a run can be believed on cells from another laboratory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import Classes, Data, Layout, Preprocess, Progress, RunArgument, run_and_data
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say
from bcc.errors import UserError

if TYPE_CHECKING:
    from bcc.transfer import Scores, Transfer


@app.command()
def transfer(
    run: RunArgument,
    data: Data,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="File for the results.")],
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    force: Force = False,
) -> None:
    """Score a run on another laboratory's cells, beside its own, and measure what differs."""
    from bcc.evaluation.predictions.out_of_distribution import ood_detector_of
    from bcc.models.features import FeatureExtractor
    from bcc.models.saving import load_model
    from bcc.runs import write_json
    from bcc.transfer import measure_transfer

    out = claim(out, "transfer", force, run, data)
    chosen, dataset = run_and_data(run, data, classes, preprocess, layout)
    extract = FeatureExtractor(load_model(chosen.model))
    familiarity = ood_detector_of(chosen, extract, Progress())
    found = measure_transfer(chosen, dataset, extract, familiarity, Progress())
    write_json(out, found.to_dict())
    _print(found)


@app.command()
def adapt(
    run: RunArgument,
    data: Data,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="File for the results.")],
    labelled: Annotated[
        str,
        typer.Option(metavar="5,20,100", help="Labelled cells per class that a new head may learn from."),
    ] = "5,20,100",
    seed: Annotated[int, typer.Option(help="Random seed of the draws of labelled cells.", min=0)] = 0,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    force: Force = False,
) -> None:
    """Try step by step what brings a run back on another laboratory's cells."""
    from bcc.evaluation.predictions.out_of_distribution import ood_detector_of
    from bcc.models.features import FeatureExtractor
    from bcc.models.saving import load_model
    from bcc.runs import write_json
    from bcc.transfer import climb

    counts = [part.strip() for part in labelled.split(",") if part.strip()]
    if not all(count.isdecimal() and int(count) for count in counts):
        raise UserError(f"--labelled takes numbers above 0 such as 5,20,100, not '{labelled}'.")
    out = claim(out, "ladder", force, run, data)
    chosen, dataset = run_and_data(run, data, classes, preprocess, layout)
    model = load_model(chosen.model)
    familiarity = ood_detector_of(chosen, FeatureExtractor(model), Progress())
    found = climb(chosen, dataset, model, familiarity, [int(count) for count in counts], Progress(), seed)
    write_json(out, found.to_dict())
    for one in found.rungs:
        say(
            f"{one.title:<45} accuracy {one.accuracy:6.1%} [{one.low:.1%}, {one.high:.1%}]  macro F1 "
            f"{one.macro_f1:6.1%}  calibration error {one.calibration_error:.3f}  "
            f"{one.labels:,} labels  {one.n:,} images"
        )
    for note in found.notes:
        say(note)


def _print(found: Transfer) -> None:
    _line("there", found.there)
    if found.home is not None:
        _line("at home", found.home)
    say("")
    for row in found.per_class().itertuples():
        say(f"{row[1]:<24} recall {row.recall:6.1%}  precision {row.precision:6.1%}  {row.support:,} images")
    if found.differences is not None:
        say("")
        for one in found.differences:
            say(f"{'!' if one.notable else ' '} {one.name:<11} {one.sentence}")
    for note in found.notes:
        say(note)


def _line(where: str, scores: Scores) -> None:
    value, low, high = scores.overall["accuracy"]
    f1, f1_low, f1_high = scores.overall["macro_f1"]
    unfamiliar = "" if scores.unfamiliar is None else f"  unfamiliar {scores.unfamiliar:.1%}"
    say(
        f"{where:<8} accuracy {value:.1%} [{low:.1%}, {high:.1%}]  macro F1 {f1:.1%} [{f1_low:.1%}, "
        f"{f1_high:.1%}]  calibration error {scores.calibration_error:.3f}{unfamiliar}  {scores.n:,} images"
    )
