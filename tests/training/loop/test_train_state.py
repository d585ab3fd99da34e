"""What counts as progress, epoch by epoch, and what follows where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from bcc.training import TrainConfig
from bcc.training.config.phases import Phase
from bcc.training.loop.train_state import TrainState


def phase(**values: Any) -> Phase:
    return TrainConfig(all={"epochs": 9, **values}).all


def after(position: TrainState, figures: list[tuple[float, float]], told: Phase) -> TrainState:
    """The position after epochs with these validation losses and accuracies, one step each."""
    for loss, accuracy in figures:
        position.count(1.0, 0.5)
        if position.is_best(loss, accuracy, told):
            position.best, position.best_loss = accuracy, loss
        position.end_epoch(loss, accuracy, told)
    return position


@pytest.mark.parametrize(
    ("monitor", "first", "equal", "better"),
    [("accuracy", (0.5, 0.8), (0.1, 0.8), (0.9, 0.81)), ("loss", (0.5, 0.8), (0.5, 0.9), (0.49, 0.1))],
)
def test_an_equal_figure_is_not_better(
    monitor: str, first: tuple[float, float], equal: tuple[float, float], better: tuple[float, float]
) -> None:
    """The earlier epoch stays the best one, and an equal one is an epoch without progress."""
    told = phase(monitor=monitor)
    position = after(TrainState(), [first], told)
    assert not position.is_best(*equal, told)
    after(position, [equal, equal], told)
    assert position.epochs_without_progress == 2
    assert (position.best_loss, position.best) == first
    assert position.is_best(*better, told)
    assert after(position, [better], told).epochs_without_progress == 0


def test_the_first_epoch_of_a_run_is_the_best_even_at_no_accuracy() -> None:
    told = phase()
    assert TrainState().is_best(9.0, 0.0, told)
    assert after(TrainState(), [(9.0, 0.0)], told).epochs_without_progress == 0


def test_a_plateau_cuts_the_rate_by_its_factor_and_then_waits_anew() -> None:
    told = phase(schedule="plateau", plateau_factor=0.3, plateau_patience=2)
    position, scales = TrainState(), []
    for _ in range(7):
        scales.append(after(position, [(0.5, 0.8)], told).plateau_scale)
    assert scales == pytest.approx([1, 1, 0.3, 0.3, 0.09, 0.09, 0.027])
    after(position, [(0.5, 0.9), (0.5, 0.9)], told)
    assert position.plateau_scale == pytest.approx(0.027), "progress starts the waiting again"
    assert after(position, [(0.5, 0.9)], told).plateau_scale == pytest.approx(0.0081)


def test_other_schedules_cut_nothing() -> None:
    told = phase(schedule="cosine", plateau_factor=0.3, plateau_patience=1)
    assert after(TrainState(), [(0.5, 0.8)] * 5, told).plateau_scale == 1


def test_an_epoch_in_which_no_weight_moved_is_not_one_without_progress() -> None:
    told = phase(schedule="plateau", plateau_patience=1)
    position = after(TrainState(), [(0.5, 0.8)], told)
    for _ in range(4):
        position.count(1.0, 0.5)
        position.end_epoch(0.5, 0.8, told, moved=False)
    assert (position.epochs_without_progress, position.plateau_scale) == (0, 1)
    assert after(position, [(0.5, 0.8)], told).epochs_without_progress == 1


def test_an_epochs_means_are_those_of_its_own_steps() -> None:
    told, position = phase(), TrainState()
    for loss in (1.0, 2.0, 6.0):
        position.count(loss, loss / 10)
    assert position.end_epoch(1.0, 0.5, told) == pytest.approx((3.0, 0.3))
    position.count(5.0, 0.25)
    assert position.end_epoch(1.0, 0.5, told) == pytest.approx((5.0, 0.25))


def test_the_next_phase_begins_anew_but_keeps_the_best_of_the_run() -> None:
    told = phase(schedule="plateau", plateau_patience=1)
    position = after(TrainState(), [(0.5, 0.8), (0.5, 0.8)], told)
    position.enter_next_phase()
    assert (position.phase, position.phase_first_epoch, position.phase_step) == (1, 2, 0)
    assert (position.epochs_without_progress, position.plateau_scale) == (0, 1)
    assert position.best == 0.8
    assert not position.is_best(0.5, 0.8, told)
    assert after(position, [(0.5, 0.7)], told).epochs_without_progress == 0, "the first epoch of a phase"
