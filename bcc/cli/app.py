"""The one command line that every module of this package adds its commands to."""

from __future__ import annotations

from typing import Annotated

import typer

from bcc import __version__
from bcc.cli.terminal import say

app = typer.Typer(
    name="bcc",
    help="Explore, train and explain blood-cell image classifiers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        say(f"bcc {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say which version it is.")
    ] = False,
) -> None:
    """What is said before a command."""
