"""The run directory: which files it holds and what each is called.

A run is a directory of plain files in standard formats; nothing else holds state about it. List it,
copy it, delete it, send it to a colleague: it works anywhere. docs/run-directory.md describes each file.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.errors import UserError
from bcc.atomic import write_json
from bcc.runs.state import RunState

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Predictions:
    """What a run's final model said about its validation and test rows.

    Attributes:
        rows: int64 (M,), rows of the run's data set.
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
    """What a model said of a few validation pictures while it learned.

    Attributes:
        rows: int64 (M,), rows of the run's data set.
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
        """The directory's name."""
        return self.folder.name

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
    def split(self) -> Path:
        """`split.npz`: `split` int8 (N,) per row of the data set (-1: left out), `train_hashes`
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
        """What the model said of a few validation pictures after each epoch."""
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
    def about(self) -> Path:
        """What people say about it: name, note, tags (`bcc.runs.about`)."""
        return self.folder / "about.json"

    @property
    def job(self) -> Path:
        """On which devices a worker of the queue started it, and when (`bcc.jobs`)."""
        return self.folder / "job.json"

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
        """Contents of one of the run's JSON files.

        Raises:
            UserError: the file is missing or damaged.
        """
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise UserError(f"Run '{self.id}' has no {path.name}: {self._why_missing()}") from error
        except (ValueError, OSError) as error:
            raise UserError(f"{path.name} of run '{self.id}' cannot be read: {error}.") from error

    def read_state(self) -> RunState:
        """Where the run stands, with a process that died found out."""
        return RunState.from_dict(self.read_json(self.state), self.id).checked()

    def write_state(self, state: RunState) -> None:
        """Replace the state file."""
        write_json(self.state, state.to_dict())

    def read_history(self) -> pd.DataFrame:
        """A row an epoch so far; empty before the first has ended."""
        return _read_csv(self.history)

    def read_batches(self) -> pd.DataFrame:
        """A row a training step so far."""
        return _read_csv(self.batches)

    def last_batch(self) -> dict[str, str]:
        """The last training step's row as text, reading only the file's ends; empty before the first."""
        if not self.batches.exists():
            return {}
        with self.batches.open(encoding="utf-8") as file:
            names = file.readline().strip().split(",")
        values = self.tail(self.batches, 1).split(",")
        return dict(zip(names, values, strict=False)) if len(values) == len(names) and values != names else {}

    def read_split(self) -> tuple[np.ndarray, np.ndarray]:
        """`split` int8 (N,) and `train_hashes` uint64 (M, 2)."""
        arrays = self._read_arrays(self.split, ("split", "train_hashes"))
        return arrays["split"], arrays["train_hashes"]

    def read_predictions(self) -> Predictions:
        """The final model's word on validation and test rows."""
        names = ("rows", "split", "labels", "probabilities")
        return Predictions(**self._read_arrays(self.predictions, names))

    def read_watched(self) -> Watched | None:
        """What the model said of a few validation pictures so far; `None` before the first epoch."""
        if not self.watched.exists():
            return None
        return Watched(**self._read_arrays(self.watched, ("rows", "labels", "epochs", "probabilities")))

    def tail(self, path: Path, lines: int = 30) -> str:
        """The last lines of the log or console file, reading only its end."""
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 400 * lines))
            text = file.read().decode("utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _read_arrays(self, path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
        try:
            with np.load(path, allow_pickle=False) as file:
                return {name: file[name] for name in names}
        except FileNotFoundError as error:
            raise UserError(f"Run '{self.id}' has no {path.name}: {self._why_missing()}") from error
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise UserError(f"{path.name} of run '{self.id}' is damaged: train it again.") from error

    def _why_missing(self) -> str:
        if not self.state.exists():
            return f"'{self.folder}' is no run directory."
        return "it has not got that far, or the file was taken away."


def _read_csv(path: Path) -> pd.DataFrame:
    """A CSV that another process may be appending to: a half-written last line is left out."""
    import pandas as pd

    if not path.exists():
        return pd.DataFrame()
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if not whole:
        return pd.DataFrame()
    return pd.read_csv(io.StringIO(whole))
