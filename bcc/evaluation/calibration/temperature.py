"""Temperature scaling: one number that makes a run's probabilities mean what they say.

The logits are divided by a temperature that is fitted on the run's validation rows; which class is the
likeliest never changes. The number lives in the run directory (`calibration.json`), fitted when it is first
asked for.

Source: Guo et al., "On calibration of modern neural networks", ICML 2017, https://arxiv.org/abs/1706.04599.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from bcc.atomic_files import write_json
from bcc.datasets import SPLITS
from bcc.errors import UserError
from bcc.evaluation.calibration.reliability import expected_calibration_error
from bcc.runs import Run
from bcc.runs.file_mark import file_mark

LOWEST, HIGHEST = 0.05, 20.0
"""Bounds of a temperature: beyond them lies only a validation split without a single mistake, or noise."""

FEWEST_ROWS = 20
"""Fewer validation rows fit nothing."""


@dataclass(frozen=True)
class Calibration:
    """A fitted temperature.

    Attributes:
        temperature: above 1 the run was too sure, below 1 not sure enough.
        n: rows that it was fitted on; 0 where there were too few, and the temperature is 1.
        log_loss_before, log_loss_after: on those rows, in nats.
        error_before, error_after: expected calibration error on those rows, 0..1.
    """

    temperature: float = 1.0
    n: int = 0
    log_loss_before: float | None = None
    log_loss_after: float | None = None
    error_before: float | None = None
    error_after: float | None = None

    def __call__(self, probabilities: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, float32 (N, K)."""
        return at_temperature(probabilities, self.temperature)

    @property
    def fitted(self) -> bool:
        """Whether anything was calibrated."""
        return self.n > 0

    @property
    def sentence(self) -> str:
        """For a person."""
        if not self.fitted:
            return (
                "Not calibrated: the run has too few validation images to fit a temperature on "
                f"(fewer than {FEWEST_ROWS})."
            )
        fitted = f"Temperature {self.temperature:.2f}, fitted on {self.n:,} validation images"
        if np.isclose(self.temperature, (LOWEST, HIGHEST), rtol=0.01).any():
            return f"{fitted}, is as far as a temperature may go: they hold too little to tell it from."
        if f"{self.temperature:.2f}" == "1.00":
            return f"{fitted}: probabilities do not change."
        return f"{fitted}: probabilities become {'softer' if self.temperature > 1 else 'sharper'}."

    @property
    def about_confidence(self) -> str:
        """What the probability beside an answer is."""
        if self.fitted:
            return "Confidence is the calibrated probability."
        return f"Confidence is the probability as the run gives it. {self.sentence}"


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Logits up to a constant, float64; a probability of 0 counts as the smallest normal float32."""
    return np.log(np.maximum(np.asarray(probabilities, np.float64), np.finfo(np.float32).tiny))


def at_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities with their logits divided by a temperature: float32 (N, K), rows adding up to 1."""
    if temperature == 1:
        return np.asarray(probabilities, np.float32)
    return _softmax(log_probabilities(probabilities) / temperature).astype(np.float32)


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> Calibration:
    """The temperature with the lowest log loss.

    The log loss is convex in 1 / temperature, so Newton's steps within bounds find its one minimum.

    Args:
        labels: int64 (N,); rows labelled -1 are left out.
        probabilities: float (N, K).
    """
    known = np.asarray(labels) >= 0
    labels, probabilities = np.asarray(labels)[known], np.asarray(probabilities)[known]
    if len(labels) < FEWEST_ROWS:
        return Calibration()
    logits = log_probabilities(probabilities)
    own = logits[np.arange(len(labels)), labels]
    low, high = 1 / HIGHEST, 1 / LOWEST
    inverse = 1.0
    for _ in range(60):
        chances = _softmax(inverse * logits)
        mean = (chances * logits).sum(axis=1)
        slope = (mean - own).mean()
        curvature = ((chances * logits**2).sum(axis=1) - mean**2).mean()
        if slope > 0:
            high = inverse
        else:
            low = inverse
        step = inverse - slope / curvature if curvature > 0 else (low + high) / 2
        following = step if low < step < high else (low + high) / 2
        if abs(following - inverse) < 1e-9 * inverse:
            break
        inverse = following
    temperature = float(1 / inverse)
    after = at_temperature(probabilities, temperature)
    return Calibration(
        temperature=temperature,
        n=len(labels),
        log_loss_before=_log_loss(labels, probabilities),
        log_loss_after=_log_loss(labels, after),
        error_before=expected_calibration_error(labels, probabilities),
        error_after=expected_calibration_error(labels, after),
    )


def calibration_of(run: Run) -> Calibration:
    """A run's calibration: from its directory, or fitted on its validation rows and kept there.

    A run whose predictions are others by now (it went on) is fitted again. Where the directory
    cannot be written to, nothing is kept.

    Raises:
        UserError: the run has no readable predictions.
    """
    written = file_mark(run.predictions) if run.predictions.is_file() else None
    if written is not None and run.calibration.exists():
        try:
            kept = run.read_json(run.calibration)
            if kept.get("predictions") == written:
                return _from_dict(kept)
        except (UserError, TypeError, ValueError):
            pass  # A damaged file is fitted anew.
    said = run.read_predictions().of(SPLITS.index("validation"))
    fitted = fit_temperature(said.labels, said.probabilities)
    with contextlib.suppress(OSError):
        write_json(run.calibration, {**asdict(fitted), "split": "validation", "predictions": written})
    return fitted


def _from_dict(values: Mapping[str, Any]) -> Calibration:
    fields = Calibration.__dataclass_fields__
    kept = TypeAdapter(Calibration).validate_python({name: values[name] for name in fields if name in values})
    if not LOWEST <= kept.temperature <= HIGHEST:
        raise TypeError
    return kept


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def _log_loss(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(-log_probabilities(probabilities)[np.arange(len(labels)), labels].mean())
