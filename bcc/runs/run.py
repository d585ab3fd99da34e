"""The run directory: which files it holds and what each is called.

A run is a directory of plain files in standard formats; nothing else holds state about it. List it,
copy it, delete it, send it to a colleague: it works anywhere. docs/run-directory.md describes each file.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.atomic_files import write_json
from bcc.errors import UserError
from bcc.json_files import read_bytes, read_json
from bcc.paths import printable
from bcc.runs.file_schemas import (
    Arrays,
    check_predictions,
    check_split,
    check_table,
    check_watched,
    checked_files,
    checked_values,
)
from bcc.runs.state import RunState

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Predictions:
    """What a run's final model said about its validation and test rows.

    Attributes:
        rows: int64 (M,), rows of the run's dataset.
        split: int8 (M,), positions in `bcc.datasets.SPLITS`.
        labels: int64 (M,).
        probabilities: float32 (M, classes).
    """

    rows: np.ndarray
    split: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray

    def of(self, split: int) -> Predictions:
        """Only the rows of one split."""
        chosen = self.split == split
        return Predictions(
            self.rows[chosen], self.split[chosen], self.labels[chosen], self.probabilities[chosen]
        )


@dataclass(frozen=True)
class Watched:
    """What a model said of a few validation images while it learned.

    Attributes:
        rows: int64 (M,), rows of the run's dataset.
        labels: int64 (M,).
        epochs: int64 (E,), counted from 1.
        probabilities: float32 (E, M, classes).
    """

    rows: np.ndarray
    labels: np.ndarray
    epochs: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Run:
    """A run directory and the paths in it; making one reads nothing."""

    folder: Path

    @property
    def id(self) -> str:
        """The directory's name; bytes that are no UTF-8 are written as escapes, so that it can be shown."""
        return printable(self.folder.name)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes that it knows, in the order of its outputs.

        Raises:
            UserError: dataset.json is missing or damaged.
        """
        return tuple(self.read_json(self.dataset)["class_names"])

    @property
    def model_version(self) -> tuple[str, int]:
        """What to remember derived things of its model under: its id, and when the model was written."""
        return self.id, self.model.stat().st_mtime_ns

    @property
    def config(self) -> Path:
        """`TrainConfig` as JSON: everything needed to train it again."""
        return self.folder / "config.json"

    @property
    def recipe(self) -> Path:
        """The recipe of augmentations, whole: what its name stood for when the run began."""
        return self.folder / "recipe.json"

    @property
    def dataset(self) -> Path:
        """Fingerprint, source and classes of the data that it trained on."""
        return self.folder / "dataset.json"

    @property
    def data_in_line(self) -> Path:
        """How its data looked when it was put in line (`bcc.runs.data_in_line`); missing where it never
        waited."""
        return self.folder / "data_in_line.json"

    @property
    def first_weights(self) -> Path:
        """Which weights it started from; missing where they were random (`bcc.runs.first_weights`)."""
        return self.folder / "first_weights.json"

    @property
    def first_rows(self) -> Path:
        """`first_rows.npz`: `hashes` uint64 (M, 2) of the images that its first weights have seen."""
        return self.folder / "first_rows.npz"

    @property
    def split(self) -> Path:
        """`split.npz`: `split` int8 (N,) per row of the dataset (-1: left out), `train_hashes`
        uint64 (M, 2), the pixels that it trained on."""
        return self.folder / "split.npz"

    @property
    def selection(self) -> Path:
        """Its own copy of the selection that it was trained on; missing where it was trained on all rows."""
        return self.folder / "selection.json"

    @property
    def files(self) -> Path:
        """Names of the files that the rows of its data came from; missing where they have none."""
        return self.folder / "files.json"

    @property
    def near_copies(self) -> Path:
        """Its own copy of the groups of near copies that its split kept together; missing where no scan of
        the data had looked for them."""
        return self.folder / "near_copies.npz"

    @property
    def state(self) -> Path:
        """Where it stands: status, epoch, speed, process (`RunState`)."""
        return self.folder / "state.json"

    @property
    def history(self) -> Path:
        """A row an epoch."""
        return self.folder / "history.csv"

    @property
    def batches(self) -> Path:
        """A row a training step."""
        return self.folder / "batches.csv"

    @property
    def log(self) -> Path:
        """What it said, a line an event."""
        return self.folder / "log.txt"

    @property
    def console(self) -> Path:
        """Everything that the process printed, warnings of libraries and crashes included."""
        return self.folder / "console.txt"

    @property
    def model(self) -> Path:
        """The best weights so far, as a whole Keras model."""
        return self.folder / "model.keras"

    @property
    def checkpoint(self) -> Path:
        """All that is needed to go on: variables of model and optimiser, position."""
        return self.folder / "checkpoint.npz"

    @property
    def predictions(self) -> Path:
        """`Predictions` of the final model."""
        return self.folder / "predictions.npz"

    @property
    def metrics(self) -> Path:
        """Final numbers per split, and the baseline's."""
        return self.folder / "metrics.json"

    @property
    def watched(self) -> Path:
        """What the model said of a few validation images after each epoch."""
        return self.folder / "watched.npz"

    @property
    def calibration(self) -> Path:
        """The temperature that makes its probabilities mean what they say; made when first asked for."""
        return self.folder / "calibration.json"

    @property
    def familiarity(self) -> Path:
        """Features of training rows, to tell what looks like none of them; made when first asked for."""
        return self.folder / "familiarity.npz"

    @property
    def profile(self) -> Path:
        """How its training images look (`bcc.cells.set_profile`); made when first asked for."""
        return self.folder / "profile.json"

    @property
    def about(self) -> Path:
        """What people say about it: name, note, tags (`bcc.runs.about`)."""
        return self.folder / "about.json"

    @property
    def job(self) -> Path:
        """On which devices a worker of the queue started it, and when (`bcc.jobs`)."""
        return self.folder / "job.json"

    @property
    def of_training(self) -> tuple[Path, ...]:
        """The files that only the process that trains it writes, whole each time."""
        return (
            self.checkpoint, self.watched, self.predictions, self.metrics, self.split, self.dataset,
            self.files, self.first_weights, self.first_rows, self.near_copies, self.history, self.batches,
        )  # fmt: skip

    @property
    def lock(self) -> Path:
        """Locked by the process that trains it."""
        return self.folder / ".lock"

    @property
    def trust(self) -> Path:
        """A folder: scores of its saliency maps, a file a question (`bcc.explain.trust`)."""
        return self.folder / "trust"

    @property
    def stop_request(self) -> Path:
        """Exists while somebody wants the run to stop at the next step."""
        return self.folder / "stop"

    def read_json(self, path: Path) -> Any:
        """Contents of one of the run's JSON files, with types and bounds as `bcc.runs.file_schemas` has them.

        Raises:
            UserError: the file is missing or damaged.
        """
        return self._read_checked(path, lambda values: checked_values(path.name, values))

    def read_files(self) -> list[str]:
        """Names of the files that the rows came from, in the order of rows.

        Raises:
            UserError: they were not written down, or the file is damaged.
        """
        names: list[str] = self._read_checked(self.files, checked_files)
        return names

    def _read_checked(self, path: Path, check: Callable[[Any], Any]) -> Any:
        try:
            return check(read_json(path))
        except FileNotFoundError as error:
            raise UserError(f"Run '{self.id}' has no {path.name}: {self._why_missing()}") from error
        except (ValueError, OSError) as error:
            raise UserError(f"{path.name} of run '{self.id}' cannot be read: {_why(error)}.") from error

    def read_state(self) -> RunState:
        """Where the run stands, with a process that died found out."""
        return RunState.from_dict(self.read_json(self.state), self.id).checked()

    def write_state(self, state: RunState) -> None:
        """Replace the state file."""
        write_json(self.state, state.to_dict())

    def read_history(self) -> pd.DataFrame:
        """A row an epoch so far; empty before the first has ended."""
        return self._read_table(self.history)

    def read_batches(self) -> pd.DataFrame:
        """A row a training step so far."""
        return self._read_table(self.batches)

    def last_batch(self) -> dict[str, str]:
        """The last training step's row as text, reading only the file's ends; empty before the first."""
        if not self.batches.is_file():
            return {}
        with self.batches.open(encoding="utf-8", errors="replace") as file:
            names = file.readline().strip().split(",")
        values = self.tail(self.batches, 1).split(",")
        return dict(zip(names, values, strict=False)) if len(values) == len(names) and values != names else {}

    def read_split(self) -> tuple[np.ndarray, np.ndarray]:
        """`split` int8 (N,) and `train_hashes` uint64 (M, 2).

        Raises:
            UserError: the file is missing or damaged.
        """
        _, rows = self._extent()
        arrays = self._read_arrays(self.split, ("split", "train_hashes"), lambda a: check_split(a, rows))
        return arrays["split"], arrays["train_hashes"]

    def read_predictions(self) -> Predictions:
        """The final model's word on validation and test rows.

        Raises:
            UserError: the file is missing or damaged, or does not fit the run's classes and rows.
        """
        names = ("rows", "split", "labels", "probabilities")
        classes, rows = self._extent()
        return Predictions(
            **self._read_arrays(self.predictions, names, lambda a: check_predictions(a, classes, rows))
        )

    def read_watched(self) -> Watched | None:
        """What the model said of a few validation images so far; `None` before the first epoch.

        Raises:
            UserError: the file is damaged, or does not fit the run's classes and rows.
        """
        if not self.watched.exists():
            return None
        names = ("rows", "labels", "epochs", "probabilities")
        classes, rows = self._extent()
        return Watched(**self._read_arrays(self.watched, names, lambda a: check_watched(a, classes, rows)))

    def tail(self, path: Path, lines: int = 30) -> str:
        """The last lines of the log or console file, reading only its end."""
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 400 * lines))
            text = file.read().decode("utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _extent(self) -> tuple[int | None, int | None]:
        """Classes and rows of the run's data; `None` where it does not say."""
        try:
            info = self.read_json(self.dataset)
        except UserError:
            return None, None
        return len(info["class_names"]), info["rows"]

    def _read_arrays(
        self, path: Path, names: tuple[str, ...], check: Callable[[Arrays], None]
    ) -> dict[str, np.ndarray]:
        if not path.exists():
            raise UserError(f"Run '{self.id}' has no {path.name}: {self._why_missing()}")
        try:
            if not path.is_file():
                raise ValueError("it is no regular file")
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in names}
            check(arrays)
        except FileNotFoundError as error:
            raise UserError(f"Run '{self.id}' has no {path.name}: {self._why_missing()}") from error
        except Exception as error:  # numpy and zipfile raise many kinds for a damaged file.
            why = f" ({_why(error)})" if isinstance(error, ValueError) else ""
            raise UserError(f"{path.name} of run '{self.id}' is damaged{why}: train it again.") from error
        return arrays

    def _read_table(self, path: Path) -> pd.DataFrame:
        """A CSV that another process may be appending to: a half-written last line is left out.

        Raises:
            UserError: the file is damaged.
        """
        import pandas as pd

        if not path.exists():
            return pd.DataFrame()
        try:
            text = read_bytes(path).decode("utf-8")
            whole = text[: text.rfind("\n") + 1]
            return check_table(pd.read_csv(io.StringIO(whole))) if whole.strip() else pd.DataFrame()
        except FileNotFoundError:
            return pd.DataFrame()
        except (ValueError, OSError, RecursionError, MemoryError) as error:
            raise UserError(f"{path.name} of run '{self.id}' is damaged ({_why(error)}).") from error

    def _why_missing(self) -> str:
        if not self.state.exists():
            return f"'{printable(str(self.folder))}' is no run directory."
        return "it has not got that far, or the file was taken away."


def _why(error: BaseException) -> str:
    """The first line of an error's own words, not too long."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    line = next(iter(text.strip().splitlines()), type(error).__name__)
    return f"{line[:160]}…" if len(line) > 160 else line.rstrip(".")
