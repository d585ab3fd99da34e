"""Score a run on a fixed suite of distortions once, and keep the result in the run's directory.

What the suite does to images is the matter of its own module; this one chooses the rows, loads the model
and finds a kept result by the model's bytes, the data, the suite's definition and the sample.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np

from bcc.atomic_files import write_json
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.robustness.benchmark import stratified_sample
from bcc.evaluation.robustness.strength_curve import Progress
from bcc.evaluation.rows import choose_rows
from bcc.runs import Run
from bcc.runs.file_mark import file_mark

if TYPE_CHECKING:
    from bcc.models.prediction import Predictor

Result = TypeVar("Result")

Measure = Callable[
    ["Predictor", Dataset, np.ndarray, np.ndarray, str, Progress | None, Callable[[], bool] | None], Any
]
"""From (predictor, data set, rows, right answers, what was asked, progress, cancel) to a result."""


@dataclass(frozen=True)
class Suite(Generic[Result]):
    """A fixed set of distortions.

    Attributes:
        name: begins the names of its files.
        definition: whatever decides its numbers, as JSON can hold it.
        measure: scores given rows.
        result: the dataclass that `measure` gives.
    """

    name: str
    definition: Any
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
        """Score a run, or read what was measured before.

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
            raise UserError(f"The suite needs at least one image, not {rows}.")
        known = self.kept(run, dataset, rows)
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

    def kept(self, run: Run, dataset: Dataset, rows: int | Literal["all"] = "all") -> Result | None:
        """What was measured before on the same model, data and sample; `None` where nothing was.

        Raises:
            UserError: the run has no model.
        """
        path = self._path(run, dataset, rows)
        if not path.is_file():
            return None
        try:
            return self.result(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, OSError, RecursionError):
            # Damaged, or of another layout: to be measured anew.
            return None

    def _path(self, run: Run, dataset: Dataset, rows: int | Literal["all"]) -> Path:
        if not run.model.is_file():
            raise UserError(f"Run '{run.id}' has no model yet: let it train for an epoch first.")
        about = json.dumps([file_mark(run.model), dataset.fingerprint, self.definition, rows])
        name = hashlib.blake2b(about.encode(), digest_size=10).hexdigest()
        return run.folder / "robustness" / f"{self.name}-{name}.json"
