"""Train a run, and what can be chosen about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import DATA_HELP, AsJson, Classes, ConfigFile, Layout, Preprocess, Settings
from bcc.cli.terminal import Letters, say, say_to_programs
from bcc.errors import UserError

if TYPE_CHECKING:
    from bcc.training import TrainConfig

PRESET_HELP = "Start from a preset, such as quick or convnext-small (docs/training.md lists them)."


@app.command()
def train(
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="Directory for the new run.")] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help=PRESET_HELP)] = None,
    config: ConfigFile = None,
    data: Annotated[str | None, typer.Option(help=DATA_HELP)] = None,
    settings: Settings = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Continue a run that ended early: its directory or its id."),
    ] = None,
) -> None:
    """Train a model. Settings come from the preset, the file, --data and --set; later ones win."""
    if resume is not None:
        if run or preset or config or data or settings or classes or preprocess or layout:
            raise UserError("--resume takes everything from the run itself: give it alone.")
        from bcc.runs import open_run
        from bcc.training import train as training

        chosen = open_run(resume)
        _show_log()
        training.resume(chosen.folder)
        return
    if run is None:
        raise UserError("Say where the run goes: --run DIR (a new directory), or --resume DIR.")
    whole = _assembled(preset, config, data, settings, classes, preprocess, layout)
    from bcc.training import train as training

    _show_log()
    training.start(whole, run)


@app.command()
def estimate(
    preset: Annotated[str | None, typer.Option(metavar="NAME", help=PRESET_HELP)] = None,
    config: ConfigFile = None,
    data: Annotated[str | None, typer.Option(help=DATA_HELP)] = None,
    settings: Settings = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    as_json: AsJson = False,
) -> None:
    """Estimate time, memory and disk of a run from a few measured steps; nothing is trained."""
    import json

    from bcc.training.estimate import estimate as measured

    found = measured(_assembled(preset, config, data, settings, classes, preprocess, layout))
    if as_json:
        say_to_programs(json.dumps(found.to_dict(), indent=2))
        return
    for phase in found.phases:
        kept = (
            f", frozen part kept on disk ({phase.feature_bytes / 1e9:.2f} GB)" if phase.feature_bytes else ""
        )
        say(
            f"{phase.name}: {phase.steps:,} steps of {1000 * phase.seconds_per_step:.0f} ms, "
            f"{_minutes(phase.seconds)}, {phase.memory_bytes / 1e9:.1f} GB of memory{kept}"
        )
    if found.phases:
        say(
            f"in all: {_minutes(found.seconds)} on {found.device}, {found.memory_bytes / 1e9:.1f} of "
            f"{found.memory_free / 1e9:.1f} GB of memory, {found.disk_bytes / 1e9:.2f} of "
            f"{found.disk_free / 1e9:.1f} GB of disk"
        )
    for warning in found.warnings:
        say(f"Warning: {warning}")


@app.command()
def fields() -> None:
    """List every field of a training config: name, default, allowed values, meaning."""
    from bcc.specs import describe
    from bcc.training import TrainConfig

    for row in describe(TrainConfig):
        say(
            f"{row['field']} = {row['default'] or 'empty'}"
            + (f"  [{row['allowed']}]" if row["allowed"] else "")
        )
        say(f"    {row['help']}")


def _assembled(
    preset: str | None,
    config: Path | None,
    data: str | None,
    settings: list[str] | None,
    classes: str | None,
    preprocess: str | None,
    layout: str | None,
) -> TrainConfig:
    from bcc.datasets import Preprocessing
    from bcc.training import assemble

    how = Preprocessing.parse(preprocess).model_dump() if preprocess else None
    about_data = {"source": data, "classes": classes, "preprocessing": how, "layout": layout}
    return assemble(preset, config, settings or (), about_data)


def config_like(like: str | None, data: str | None, settings: list[str] | None) -> Path | None:
    """The config file of the run that a new one shall be like.

    Raises:
        UserError: there is no such run, or nothing is said to train on where its own images do not ship.
    """
    from bcc.runs import is_shipped, open_run

    if like is None:
        return None
    run = open_run(like)
    says_data = data is not None or any(one.startswith("data.source=") for one in settings or ())
    if is_shipped(run) and not says_data:
        raise UserError(
            f"The images that '{run.id}' was trained on do not ship with BCC: say what to train on with "
            f"--data, and --set weights={run.id} to go on from its weights."
        )
    return run.config


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def _show_log() -> None:
    """Print the training log to the terminal as well."""
    import logging

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Letters("%(asctime)s  %(message)s", "%H:%M:%S"))
    logging.getLogger("bcc").addHandler(handler)
