"""Score a run once on a fixed suite of distortions, and save the result in the run's directory.

Each suite defines in its own module what it does to images (`benchmark`, `chained`, `laboratories`). Here the
rows are chosen, the model is loaded, and a saved result is found by the model's bytes, the dataset, the
suite's definition and the sample.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np
from pydantic import TypeAdapter

from bcc.atomic_files import write_json
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.robustness.sample import stratified_sample
from bcc.evaluation.robustness.strength_curve import Progress
from bcc.evaluation.rows import choose_rows
from bcc.json_files import read_json
from bcc.runs import Run
from bcc.runs.file_mark import file_mark

if TYPE_CHECKING:
    from bcc.models.prediction import Predictor

Result = TypeVar("Result")

Measure = Callable[
    ["Predictor", Dataset, np.ndarray, np.ndarray, str, Progress | None, Callable[[], bool] | None], Any
]
"""From (predictor, dataset, rows, right answers, what was asked, progress, cancel) to a result."""


@dataclass(frozen=True)
class Suite(Generic[Result]):
    """A fixed set of distortions.

    Attributes:
        name: prefix of its files; "" for none.
        definition: all that decides its numbers, as JSON can hold it: parts of the hash in a file's name.
        measure: scores given rows.
        result: the dataclass that `measure` gives.
    """

    name: str
    definition: tuple[Any, ...]
    measure: Measure
    result: type[Result]

    def of_run(
        self,
        run: Run,
        dataset: Dataset,
        rows: int | Literal["all"] = "all",
        progress: Progress | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Result:
        """Score a run, or read the saved result.

        Args:
            run: a run with a model.
            dataset: its own data or any other, preprocessed as the run wants it.
            rows: how many images, drawn by class with a fixed seed, or "all"; of those that are scored.
            progress: called with (share done, sentence).
            cancel: asked between batches; true ends the work with `Cancelled`.

        Raises:
            UserError: the run has no readable model, there is nothing to score, or the number is below 1.
            Cancelled: `cancel` said so.
        """
        if rows != "all" and rows < 1:
            raise UserError(f"A robustness suite needs at least one image, not {rows}.")
        known = self.saved(run, dataset, rows)
        if known is not None:
            return known
        from bcc.models.prediction import Predictor
        from bcc.models.saving import load_model

        chosen = choose_rows(run, dataset)
        places = np.arange(len(chosen.rows)) if rows == "all" else stratified_sample(chosen.labels, rows)
        result: Result = self.measure(
            Predictor(load_model(run.model)),
            dataset,
            chosen.rows[places],
            chosen.labels[places],
            "all" if rows == "all" else str(len(places)),
            progress,
            cancel,
        )
        path = self._path(run, dataset, rows)
        path.parent.mkdir(exist_ok=True)
        write_json(path, asdict(result))  # type: ignore[call-overload]
        return result

    def saved(self, run: Run, dataset: Dataset, rows: int | Literal["all"] = "all") -> Result | None:
        """What was measured before on the same model, data and sample; `None` where nothing was.

        Raises:
            UserError: the run has no model.
        """
        path = self._path(run, dataset, rows)
        if not path.is_file():
            return None
        try:
            return TypeAdapter(self.result).validate_python(read_json(path))
        except (ValueError, OSError):
            # Damaged, or of another layout: to be measured anew.
            return None

    def _path(self, run: Run, dataset: Dataset, rows: int | Literal["all"]) -> Path:
        if not run.model.is_file():
            raise UserError(f"Run '{run.id}' has no model yet: let it train for an epoch first.")
        about = json.dumps([file_mark(run.model), dataset.fingerprint, *self.definition, rows])
        name = hashlib.blake2b(about.encode(), digest_size=10).hexdigest()
        return run.folder / "robustness" / f"{self.name}{'-' if self.name else ''}{name}.json"
