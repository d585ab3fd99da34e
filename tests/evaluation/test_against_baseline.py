from __future__ import annotations

import pytest

from bcc.evaluation.baseline import against_baseline


def test_a_run_that_does_better() -> None:
    verdict = against_baseline(
        {"test": {"accuracy": 0.97}, "final_split": "test", "baseline": {"accuracy": 0.945, "split": "test"}}
    )
    assert verdict is not None
    assert not verdict.below
    assert verdict.sentence == (
        "A linear model on simple features gets 94.5%; this run gets 97.0% (test images)."
    )


def test_a_run_that_does_worse_is_told_so() -> None:
    metrics = {"validation": {"accuracy": 0.5}, "baseline": {"accuracy": 0.9, "split": "validation"}}
    verdict = against_baseline(metrics)
    assert verdict is not None
    assert verdict.below
    assert "it has not been trained well enough yet" in verdict.sentence


@pytest.mark.parametrize(
    "metrics", [{}, {"test": {"accuracy": 0.9}}, {"baseline": {"accuracy": 0.9, "split": "test"}}]
)
def test_no_verdict_before_both_are_scored(metrics: dict) -> None:
    assert against_baseline(metrics) is None
