"""Put a run beside the linear baseline, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """How a run compares with the linear model.

    Attributes:
        sentence: for a person.
        below: whether the run does worse than the linear model.
        accuracy, baseline: of the run and of the linear model on the same rows, 0..1.
        split: what those rows are called.
    """

    sentence: str
    below: bool
    accuracy: float
    baseline: float
    split: str


def against_baseline(metrics: Mapping[str, Any]) -> Verdict | None:
    """Compare what metrics.json of a run says about it and about the linear model.

    Args:
        metrics: contents of metrics.json.

    Returns:
        `None` while the baseline has not been scored.
    """
    linear = metrics.get("baseline") or {}
    split = str(linear.get("split", metrics.get("final_split", "test")))
    own = metrics.get(split) or {}
    if linear.get("accuracy") is None or own.get("accuracy") is None:
        return None
    accuracy, baseline = float(own["accuracy"]), float(linear["accuracy"])
    below = accuracy < baseline
    sentence = f"A linear model on simple features gets {baseline:.1%}; this run gets {accuracy:.1%}"
    # Validation pictures chose the best epoch: who reads the sentence must know which they are.
    sentence += f" ({split} pictures)"
    sentence += ", which is less: it has not been trained well enough yet." if below else "."
    return Verdict(sentence, below, accuracy, baseline, split)
