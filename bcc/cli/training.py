"""Train a run, and what can be chosen about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import DATA_HELP, Classes, Preprocess
from bcc.errors import UserError


@app.command()
def train(
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="Directory for the new run.")] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Start from a preset: quick, real-cells.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON with fields of the config.")
    ] = None,
    data: Annotated[str | None, typer.Option(help=DATA_HELP)] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="One field, e.g. --set epochs=3; may be repeated."),
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Go on with a run that ended early.")
    ] = None,
) -> None:
    """Train a model. Preset, file, --data and --set are laid over one another; later ones win."""
    from bcc.training import assemble

    if resume is not None:
        if run or preset or config or data or settings or classes or preprocess:
            raise UserError("--resume takes everything from the run itself: give it alone.")
        from bcc.training import train as training

        _show_log()
        training.resume(resume)
        return
    if run is None:
        raise UserError("Say where the run goes: --run DIR (a new directory), or --resume DIR.")
    from bcc.datasets import Preprocessing

    how = Preprocessing.parse(preprocess).model_dump() if preprocess else None
    whole = assemble(
        preset, config, settings or (), {"source": data, "classes": classes, "preprocessing": how}
    )
    from bcc.training import train as training

    _show_log()
    training.start(whole, run)


@app.command()
def fields() -> None:
    """List every field of a training config: name, default, what is allowed, what it is."""
    from bcc.specs import describe
    from bcc.training import TrainConfig

    for row in describe(TrainConfig):
        print(
            f"{row['field']} = {row['default'] or 'empty'}"
            + (f"  [{row['allowed']}]" if row["allowed"] else "")
        )
        print(f"    {row['help']}")


def _show_log() -> None:
    """Print the training log to the terminal as well."""
    import logging

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    logging.getLogger("bcc").addHandler(handler)
