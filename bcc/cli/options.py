"""Arguments and options that several commands share, and the line that shows progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bcc.atomic_files import why_not_written
from bcc.cli.terminal import say, say_aside
from bcc.errors import UserError
from bcc.safe_text import shown

if TYPE_CHECKING:
    from bcc.datasets import Dataset

DATA_HELP = (
    "Images: an .npz, a folder of one folder per class, a .zip of that, 'synthetic', 'synthetic-clean', "
    "'synthetic-shortcut', 'bloodmnist', or the fingerprint of a set opened before."
)
Data = Annotated[str, typer.Option(help=DATA_HELP)]
DataArgument = Annotated[str, typer.Argument(metavar="DATA", help=DATA_HELP)]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run directory, or the id of a run in the runs folder.")
]
Classes = Annotated[
    str | None,
    typer.Option(
        help="Class names, for this command only: 'pbc' for the eight blood cells, a "
        "comma-separated list, or 'own' for the names in the dataset."
    ),
]
Preprocess = Annotated[
    str | None,
    typer.Option(
        metavar="challenge|resize:N|none",
        help="Preprocessing. By default none for an .npz and resize:96 for folders and zips; the run's "
        "own where a run predicts.",
    ),
]
Layout = Annotated[
    str | None,
    typer.Option(
        metavar="split/class|class|group/class",
        help="What the folders of a folder or zip are, from the outermost inwards, if it is not clear "
        "from their names; with +masks (auto+masks) files that look like masks count as images.",
    ),
]
ConfigFile = Annotated[Path | None, typer.Option(metavar="FILE", help="JSON with fields of the config.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="FIELD=VALUE", help="One field, e.g. --set epochs=3; may be given several times."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation (for scripts).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class Progress:
    """A line on the terminal that rewrites itself; silent where no one is watching."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, share: float, text: str) -> None:
        if self._watched and (share >= 1 or time.monotonic() - self._last > 0.1):
            self._last = time.monotonic()
            end = "\n" if share >= 1 else ""
            print(f"\r\033[K{share:4.0%}  {shown(text)}", end=end, file=sys.stderr, flush=True)


def open_data(data: str, classes: str | None, preprocess: str | None, layout: str | None) -> Dataset:
    """A set; what was taken for granted while it was read is said beside the command's own output."""
    from bcc.datasets import load

    dataset = load(data, classes=classes, preprocessing=preprocess, progress=Progress(), layout=layout)
    _say_notes(dataset)
    return dataset


def run_and_data(
    run: str, data: str, classes: str | None, preprocess: str | None, layout: str | None
) -> tuple[Any, Any]:
    """A run, and a set prepared as the run wants its images."""
    from bcc.evaluation.run_dataset import open_for_run
    from bcc.runs import open_run

    chosen = open_run(run)
    dataset = open_for_run(chosen, data, classes, preprocess, Progress(), layout)
    _say_notes(dataset)
    return chosen, dataset


def _say_notes(dataset: Dataset) -> None:
    for note in dataset.reading_notes():
        say_aside(note)


def say_left_out(skipped: Sequence[tuple[str, str]], most: int = 10) -> None:
    """Print which files were left out, and why: the first few."""
    if not skipped:
        return
    say(f"files left out: {len(skipped)}")
    for name, reason in skipped[:most]:
        say(f"  {name}: {reason}")
    if len(skipped) > most:
        say(f"  and {len(skipped) - most} more")


def make_parent(path: Path) -> None:
    if path.is_dir():
        raise UserError(f"'{path}' is a folder: give the name of a file.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(why_not_written(error, f"'{path}'")) from error


def on_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def agree(question: str, yes: bool, word: str = "--yes") -> None:
    """Ask a yes-or-no question on a terminal, and end the command at a no.

    Raises:
        UserError: nobody is there to be asked, and `word`, the option that agrees, was not given.
    """
    if yes:
        return
    if not on_terminal():
        raise UserError(f"{question} Nobody can be asked here: give {word} to agree.")
    if not typer.confirm(shown(question)):
        say("Nothing was changed.")
        raise typer.Exit(1)
