"""A few images are watched: of all classes, the same each time, and taken up where a run goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bcc.runs import Run
from bcc.training.loop.watched_images import COUNT, Watched, choose_watched

LABELS = np.repeat(np.arange(5), 40)


class Model:
    """Says how often it was asked."""

    asked = 0

    def __call__(self, images: np.ndarray, training: bool) -> np.ndarray:
        assert images.shape == (COUNT, 32, 32, 3)
        assert not training
        self.asked += 1
        said = np.full((COUNT, 5), (1 - self.asked / 10) / 4, np.float32)
        said[:, 0] = self.asked / 10
        return said


def watched(run: Run) -> Watched:
    images = np.zeros((200, 40, 40, 3), np.uint8)
    return Watched(run, Model(), images, LABELS, np.arange(200), 32, seed=1)  # type: ignore[arg-type]


def test_every_class_is_there_and_the_seed_decides() -> None:
    rows = np.arange(1, 200, 2)
    chosen = choose_watched(LABELS, rows, 7)
    assert len(set(chosen)) == COUNT
    assert set(LABELS[chosen]) == set(range(5))
    assert set(chosen) <= set(rows)
    assert np.array_equal(chosen, choose_watched(LABELS, rows, 7))
    assert not np.array_equal(chosen, choose_watched(LABELS, rows, 8))
    assert len(choose_watched(LABELS, rows[:3], 0)) == 3


def test_what_was_said_is_read_back_and_gone_on_with(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert run.read_watched() is None
    first = watched(run)
    for epoch in (1, 2, 3):
        first.record(epoch)
    again = watched(run)
    again.restore_until(2)
    again.record(3)
    said = run.read_watched()
    assert said is not None
    assert said.epochs.tolist() == [1, 2, 3]
    assert np.allclose(said.probabilities[:, 0, 0], [0.1, 0.2, 0.1])
    assert np.array_equal(said.labels, LABELS[said.rows])
    again.restore_until(0)
    again.record(1)
    said = run.read_watched()
    assert said is not None
    assert said.epochs.tolist() == [1]


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.watched.write_bytes(b"PK half")
    one = watched(run)
    one.restore_until(5)
    one.record(6)
    said = run.read_watched()
    assert said is not None
    assert said.epochs.tolist() == [6]
