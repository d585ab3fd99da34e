"""The estimate of a small run, measured for real in its own process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bcc.errors import UserError
from bcc.training import TrainConfig
from bcc.training import estimate as module
from bcc.training.estimate import Estimate, estimate

GB = 10**9


@pytest.fixture(scope="module")
def found(small_config: Callable[..., TrainConfig]) -> Estimate:
    """A real atto at 32 px: a frozen head phase that is kept, and one that draws afresh."""
    return estimate(
        small_config(
            epochs=None,
            learning_rate=None,
            batch_size=50,
            recipe="none",
            head={"epochs": 3},
            all={"epochs": 2},
        )
    )


def test_every_phase_is_measured(found: Estimate) -> None:
    head, whole = found.phases
    assert (head.name, head.steps, head.cached) == ("head", 3, True)
    assert (whole.name, whole.steps, whole.cached) == ("all", 2, False)
    assert 0 < head.seconds_per_step < whole.seconds_per_step
    assert found.seconds > head.seconds + whole.seconds
    assert head.feature_bytes == 4 * 320 * (40 + 12)
    assert whole.feature_bytes == 0
    assert 0.1 * GB < whole.memory_bytes < 10 * GB
    assert found.parameters == pytest.approx(3.38e6, rel=0.01)
    assert (found.train_rows, found.validation_rows) == (40, 12)


def test_a_batch_larger_than_the_set_is_said(found: Estimate) -> None:
    assert found.warnings == ("batch_size 50 is larger than the 40 training rows: each step takes them all.",)


def test_what_does_not_fit_is_a_warning(found: Estimate) -> None:
    config = TrainConfig(cache_gigabytes=1e-6)
    small = replace(found, memory_free=1000, disk_free=1000)
    said = module._warnings(small, config)
    assert len(said) == 3
    assert said[0].startswith("It needs about ")
    assert "of disk" in said[1]
    assert "more than cache_gigabytes allows" in said[2]


def answering(monkeypatch: pytest.MonkeyPatch, status: int, out: str, err: str) -> None:
    def run(*_: Any, **__: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], status, out, err)

    monkeypatch.setattr(subprocess, "run", run)


def test_a_process_that_dies_of_memory_is_a_warning_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, -9, "", "")
    (said,) = estimate(TrainConfig()).warnings
    assert "could not be measured here (it was killed, out of memory most likely)" in said


def test_bad_data_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 2, "", "noise\nbcc: There is no dataset 'gone.npz'.\n")
    with pytest.raises(UserError, match=r"^There is no dataset 'gone.npz'\.$"):
        estimate(TrainConfig())
