from __future__ import annotations

from pathlib import Path

import pytest

from bcc.training.records.tensorboard_events import EventFile


def shown(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard itself makes of the folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder)).Reload()
    return {tag: [(e.step, e.value) for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    events = EventFile(tmp_path)
    for step in (1, 2):
        events.add_batch({"step": step, "epoch": 1, "phase": "head", "loss": 1 / step, "accuracy": 0.5})
    events.add_epoch({"epoch": 1, "phase": "head", "loss": 0.75, "validation_accuracy": 0.9}, 2)
    events.close()
    assert shown(tmp_path) == {
        "batch loss/training": [(1, 1.0), (2, 0.5)],
        "batch accuracy/training": [(1, 0.5), (2, 0.5)],
        "loss/training": [(2, 0.75)],
        "accuracy/validation": [(2, pytest.approx(0.9))],
    }


def test_a_resume_voids_what_came_after_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = EventFile(tmp_path)
    for step in range(1, 6):
        first.add_batch({"step": step, "loss": float(step)})
    first.close()
    second = EventFile(tmp_path)
    second.start_at(3)
    second.add_batch({"step": 4, "loss": 40.0})
    second.close()
    assert shown(tmp_path)["batch loss/training"] == [(1, 1), (2, 2), (3, 3), (4, 40)]


def test_nothing_is_written_before_the_first_number(tmp_path: Path) -> None:
    EventFile(tmp_path).close()
    assert list(tmp_path.iterdir()) == []
