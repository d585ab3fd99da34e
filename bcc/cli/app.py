"""The one command line that every module of this package adds its commands to."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="bcc",
    help="Explore, train and explain blood-cell image classifiers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
