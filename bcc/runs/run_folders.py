"""Which directories are runs, and which of them may be deleted.

Decided here alone, for the command line, the pages and the queue: what is taken away, or begun anew, is a run
and nothing else, whatever a path names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from bcc.advice import command
from bcc.errors import UserError
from bcc.models import shipped_weights
from bcc.paths import runs_folder
from bcc.runs.run import Run

_ONLY_OF_RUNS = (
    "state.json",
    "split.npz",
    "dataset.json",
    "checkpoint.npz",
    "predictions.npz",
    "watched.npz",
    "familiarity.npz",
    "batches.csv",
)
"""Files that tell a run, damaged or not; config.json, history.csv, model.keras, log.txt are in others too."""

_WRITTEN = (
    "data_in_line.json", "dataset.json", "files.json", "near_copies.npz", "selection.json",
    "first_weights.json", "first_rows.npz", "recipe*.json",
    "split.npz", "history.csv", "batches.csv",
    "events.out.tfevents.*", "watched.npz", "log.txt", "console.txt", "model.keras", "checkpoint.npz",
    "predictions.npz", "metrics.json", "calibration.json", "familiarity.npz", "profile.json", "job.json",
    "robustness", "trust",
    "stop", ".reserve", ".model.unfinished.keras",
)  # fmt: skip
"""What training and questions to a run write into its directory, beside config, state and what people say."""

FILES = (*_WRITTEN, "config.json", "state.json", "about.json", ".lock")
"""Patterns of all names in a run's directory that are the program's."""


def is_run(folder: Path) -> bool:
    """Whether a directory carries a file that only a run has; a damaged one counts."""
    try:
        return any((folder / name).is_file() for name in _ONLY_OF_RUNS) or _has_config_of_a_run(folder)
    except OSError:
        return False


def _has_config_of_a_run(folder: Path) -> bool:
    """A config.json is in many folders; that of a run says which data to train on."""
    try:
        values = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(values, dict) and isinstance(values.get("data"), dict) and "source" in values["data"]


def deletable(name_or_path: str | Path, root: Path | None = None) -> Run:
    """The run that a name or path means, if it may be deleted: a run that lies directly in the runs folder.

    Args:
        name_or_path: an id, or a path with at least one slash.
        root: the runs folder; the usual one when missing.

    Raises:
        UserError: it is anything else; names the folder.
    """
    text = str(name_or_path)
    root = (root or runs_folder()).absolute()
    only = f"Only runs that lie directly in '{root}' are deleted"
    if not text.strip():
        raise UserError(f"The name of the run to delete is empty. {only}.")
    if "\0" in text:
        raise UserError(f"There is no run {text!r} to delete: no folder can be called so.")
    path = Path(text)
    is_a_name = os.sep not in text.rstrip(os.sep) and not path.is_absolute()
    if ".." in path.parts:
        raise UserError(f"'{text}' was not deleted: a path with '..' may lead anywhere. {only}.")
    folder = root / path if is_a_name else path.absolute()
    if not is_a_name and os.path.realpath(folder.parent) != os.path.realpath(root):
        raise UserError(f"'{folder}' was not deleted: it lies elsewhere. {only}.")
    try:
        _check(folder, root)
    except OSError as error:
        raise UserError(f"'{folder}' was not deleted: {error.strerror or error}. {only}.") from error
    # By its place in the runs folder, however it was named: the queue knows it so.
    return Run(root / folder.name)


def _check(folder: Path, root: Path) -> None:
    """Refuse what is no directory of a run."""
    if not folder.name or folder == root:
        raise UserError(f"'{folder}' was not deleted: it is the runs folder itself. Name a run in it.")
    if folder.is_symlink():
        raise UserError(f"'{folder}' was not deleted: it is a link, and what it leads to may be anything.")
    if folder.name in shipped_weights.NAMES and not is_run(folder):
        raise UserError(f"'{folder.name}' is the model that ships with BCC: it cannot be deleted.")
    if not os.path.lexists(folder):
        raise UserError(
            f"There is no run '{folder}' to delete: `{command('runs')}` lists those that there are."
        )
    if folder.name.startswith(".") or not folder.is_dir() or not is_run(folder):
        raise UserError(
            f"'{folder}' was not deleted: it is no run, for it holds no state.json nor another file that "
            "only a run has."
        )


def may_begin_in(folder: Path) -> bool:
    """Whether a run may be begun in a directory: it is missing or empty, or a run already."""
    if not os.path.lexists(folder):
        return True
    if not folder.is_dir():
        return False
    return is_run(folder) or not any(folder.iterdir())


def written(run: Run) -> Iterator[Path]:
    """What training and questions to a run have written, but for its config, state and what people say of it.

    Whatever else lies in its directory is not the program's.
    """
    for pattern in _WRITTEN:
        yield from run.folder.glob(pattern)
