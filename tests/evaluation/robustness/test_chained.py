from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bcc.errors import UserError
from bcc.evaluation.robustness import chained, suite
from bcc.evaluation.robustness.chained import CHAINED, MAGNITUDES, MOST, chain_of, distort, measure
from bcc.evaluation.robustness.chained_operations import OPERATIONS, Cell
from bcc.evaluation.robustness.strength_curve import Cancelled

RNG = np.random.default_rng(8)


class Sure:
    """A "model" that always says the class that it is told."""

    image_size = 48

    def __init__(self, answer: int = 0) -> None:
        self.answer = answer

    def __call__(self, images: np.ndarray) -> np.ndarray:
        said = np.zeros((len(images), 2), np.float32)
        said[:, self.answer] = 1
        return said


def a_cell(side: int = 96) -> np.ndarray:
    """A violet disc on pale glass."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    image = np.full((side, side, 3), (240, 225, 215), np.uint8)
    image[np.hypot(y, x) < side / 4] = (110, 60, 150)
    return image


@pytest.fixture
def dataset() -> Any:
    images = np.stack([a_cell(48)] * 90)
    return SimpleNamespace(images=images, labels=np.arange(90) % 2, fingerprint="c" * 16)


def test_chains_are_drawn_evenly_and_always_alike() -> None:
    chains = [chain_of(row) for row in range(6_000)]
    assert chains[17] == chain_of(17)
    assert chain_of(17, seed=1) != chains[17]
    counts = np.bincount([len(chain.operations) for chain in chains], minlength=MOST + 1)
    assert counts[0] == 0
    assert abs(counts[1:] - 1_500).max() < 150
    for chain in chains:
        assert len(set(chain.operations)) == len(chain.operations) == len(chain.magnitudes)
    magnitudes = np.concatenate([chain.magnitudes for chain in chains])
    assert MAGNITUDES[0] <= magnitudes.min() < 0.31
    assert 0.99 < magnitudes.max() <= MAGNITUDES[1]
    each = np.bincount([list(OPERATIONS).index(name) for chain in chains for name in chain.operations])
    assert len(each) == len(OPERATIONS) >= 16
    assert each.min() > 0.85 * each.mean()


@pytest.mark.parametrize("side", [48, 96, 224])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_changes_pixels_and_keeps_their_kind(name: str, side: int) -> None:
    image = RNG.integers(40, 220, (side, side, 3)).astype(np.uint8)
    cell = Cell(image.copy(), np.ones((side, side), np.float32), np.array([10.0, 20.0, 30.0]))
    OPERATIONS[name](cell, 1.0, np.random.default_rng(3))
    assert cell.image.shape == image.shape
    assert cell.image.dtype == np.uint8
    assert (cell.image != image).any()
    assert cell.seen.shape == (side, side)


def test_what_leaves_the_image_is_filled_and_no_longer_seen() -> None:
    cell = Cell(a_cell(), np.ones((96, 96), np.float32), np.array([1.0, 2.0, 3.0]))
    OPERATIONS["translation"](cell, 1.0, np.random.default_rng(0))
    filled = (cell.image == (1, 2, 3)).all(axis=2)
    assert 0.25 < filled.mean() < 0.6
    np.testing.assert_allclose(cell.seen[filled], 0, atol=0.01)
    cell = Cell(a_cell(), np.ones((96, 96), np.float32), np.array([9.0, 9.0, 9.0]))
    OPERATIONS["cutout"](cell, 1.0, np.random.default_rng(0))
    assert (cell.image == 9).all(axis=2).sum() == 40 * 40
    assert (cell.seen == 0).sum() == 40 * 40


def test_grey_and_posterised_are_what_they_say() -> None:
    grey = Cell(a_cell(), np.ones((96, 96), np.float32), np.zeros(3))
    OPERATIONS["colour"](grey, 1.0, np.random.default_rng(0))
    assert np.ptp(grey.image.astype(int), axis=2).max() == 0
    few = Cell(RNG.integers(0, 256, (96, 96, 3)).astype(np.uint8), np.ones((96, 96), np.float32), np.zeros(3))
    OPERATIONS["posterise"](few, 1.0, np.random.default_rng(0))
    assert set(np.unique(few.image)) == {0, 64, 128, 192}


def test_a_distorted_image_follows_from_its_row() -> None:
    image = a_cell()
    one, seen = distort(image, 5)
    np.testing.assert_array_equal(distort(image, 5)[0], one)
    assert seen in (True, False)
    others = [distort(image, row)[0] for row in range(20)]
    assert len({other.tobytes() for other in others}) == 20
    np.testing.assert_array_equal(image, a_cell())


def test_a_blank_image_shows_no_cell() -> None:
    assert not distort(np.full((96, 96, 3), 230, np.uint8), 3)[1]
    assert np.mean([distort(a_cell(), row)[1] for row in range(200)]) > 0.9


def test_the_suite_counts(dataset: Any) -> None:
    rows = np.arange(90)
    result = measure(Sure(0), dataset, rows, dataset.labels)
    assert (result.accuracy, result.clean, result.n, result.version) == (0.5, 0.5, 90, chained.VERSION)
    chains = [chain_of(row) for row in rows]
    for one in result.by_number:
        own = [row for row in rows if len(chains[row].operations) == one["operations"]]
        assert one["n"] == len(own)
        assert one["accuracy"] == pytest.approx(np.mean(dataset.labels[own] == 0))
    assert sum(one["n"] for one in result.by_number) == 90
    assert sum(one["n"] for one in result.by_operation) == sum(len(chain.operations) for chain in chains)
    assert set(result.frame()["kind"]) == {"operations", "operation"}
    with pytest.raises(Cancelled):
        measure(Sure(), dataset, rows, dataset.labels, cancel=lambda: True)


def test_numbers_compare_as_long_as_the_version_stays() -> None:
    """Whoever changes an operation or a draw must raise `VERSION` (and this digest)."""
    image = np.random.default_rng(1).integers(0, 256, (96, 96, 3)).astype(np.uint8)
    drawn = json.dumps(
        [[chain.operations, np.round(chain.magnitudes, 9).tolist()] for chain in map(chain_of, range(99))]
    )
    assert (chained.VERSION, blake2b(drawn.encode(), digest_size=6).hexdigest()) == (1, "e658af4ea8c2")
    sums = {}
    for name, operation in OPERATIONS.items():
        cell = Cell(image.copy(), np.ones((96, 96), np.float32), np.array([7.0, 8.0, 9.0]))
        operation(cell, 0.7, np.random.default_rng(2))
        sums[name] = round(float(cell.image.astype(float).std()), 1)
    assert sums == pytest.approx(
        {
            "rotation": 63.0,
            "shear": 66.8,
            "translation": 61.9,
            "brightness": 59.6,
            "contrast": 96.8,
            "colour": 49.6,
            "sharpness": 114.1,
            "solarise": 45.8,
            "posterise": 74.0,
            "equalise": 73.9,
            "autocontrast": 74.1,
            "blur": 10.3,
            "noise": 77.5,
            "cutout": 78.3,
            "channel_permutation": 74.1,
            "channel_shift": 75.3,
        },
        abs=0.2,
    )


def test_a_run_is_measured_once_and_kept(
    dataset: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model.keras"
    model.write_bytes(b"first")
    run: Any = SimpleNamespace(id="one", folder=tmp_path, model=model)
    chosen = SimpleNamespace(rows=np.arange(90), labels=dataset.labels)
    monkeypatch.setattr(suite, "choose_rows", lambda *_: chosen)
    monkeypatch.setattr("bcc.models.saving.load_model", lambda _: None)
    made: list[Sure] = []
    monkeypatch.setattr("bcc.models.prediction.Predictor", lambda _: made.append(Sure()) or made[-1])
    first = CHAINED.of_run(run, dataset, 24)
    assert (first.n, first.rows) == (24, "24")
    assert CHAINED.of_run(run, dataset, 24) == first
    assert len(made) == 1, "the second time it is read"
    assert CHAINED.of_run(run, dataset).n == 90
    next((tmp_path / "robustness").glob("chained-*.json")).write_text("[" * 100_000)
    assert CHAINED.of_run(run, dataset, 24) == first
    assert CHAINED.of_run(run, dataset).n == 90
    assert len(made) == 3, "a damaged file is measured anew"
    with pytest.raises(UserError, match="at least one image, not 0"):
        CHAINED.of_run(run, dataset, 0)
    model.unlink()
    with pytest.raises(UserError, match="has no model yet"):
        CHAINED.of_run(run, dataset)
