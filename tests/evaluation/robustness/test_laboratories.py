from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bcc.cells.stains import background_colour
from bcc.datasets import load
from bcc.evaluation.robustness import laboratories
from bcc.evaluation.robustness.laboratories import GLASS, LABORATORIES, OPEN, Laboratory, measure
from tests.evaluation.robustness.test_chained import Sure, a_cell


def test_ten_laboratories_of_which_five_are_for_the_end() -> None:
    assert len(LABORATORIES) == 10
    assert len(OPEN) == 5
    assert len({one.seed for one in LABORATORIES}) == len({one.name for one in LABORATORIES}) == 10
    assert [one.scale for one in LABORATORIES if one.name.endswith("cells")] == [0.6, 0.8, 1.25, 1.6]


def test_the_definition_stays() -> None:
    """Whoever changes a laboratory must raise `VERSION` (and this digest)."""
    text = json.dumps([asdict(one) for one in LABORATORIES])
    assert (laboratories.VERSION, blake2b(text.encode(), digest_size=6).hexdigest()) == (1, "902143b0de83")


@pytest.mark.parametrize("laboratory", LABORATORIES, ids=lambda one: one.name)
def test_a_laboratory_is_always_itself(laboratory: Laboratory) -> None:
    image = a_cell()
    shown = laboratory(image, 4)
    assert shown.shape == image.shape
    assert shown.dtype == np.uint8
    np.testing.assert_array_equal(laboratory(image, 4), shown)
    assert (laboratory(image, 5) != shown).any(), "with a little variation from image to image"
    assert np.abs(shown.astype(int) - image).mean() > 1


def test_glass_takes_the_colour_of_the_laboratory() -> None:
    image = np.full((96, 96, 3), np.rint(GLASS), np.uint8)
    for laboratory in LABORATORIES:
        if laboratory.glass != GLASS and laboratory.exposure == laboratory.gamma == 1:
            np.testing.assert_allclose(background_colour(laboratory(image, 0)), laboratory.glass, atol=6)


def test_cells_get_larger_and_smaller() -> None:
    image = a_cell()

    def width(shown: np.ndarray) -> float:
        """Of the disc through its middle, without what is mirrored at the border."""
        return float((shown[48, 10:-10, 1] < 140).sum())

    for laboratory in LABORATORIES:
        if laboratory.name.endswith("cells"):
            assert width(laboratory(image, 0)) == pytest.approx(width(image) * laboratory.scale, rel=0.09)


def test_other_dyes_change_a_painted_cell_and_not_its_place() -> None:
    cells = load("synthetic-clean").images[:40]
    stained = next(one for one in LABORATORIES if one.name == "rapid stain")
    for row, image in enumerate(cells):
        shown = stained(np.asarray(image), row)
        darkness, before = (255.0 - one.mean(axis=2) for one in (shown, image))
        assert np.corrcoef(darkness.ravel(), before.ravel())[0, 1] > 0.8


def test_the_suite_counts() -> None:
    dataset: Any = SimpleNamespace(images=np.stack([a_cell(48)] * 70), labels=np.arange(70) % 2)
    result = measure(Sure(1), dataset, np.arange(70), dataset.labels)
    assert [one["laboratory"] for one in result.table] == [one.name for one in LABORATORIES]
    assert (result.mean, result.worst, result.clean, result.n) == (0.5, 0.5, 0.5, 70)
    some = measure(Sure(1), dataset, np.arange(9), dataset.labels[:9], names=OPEN)
    assert [one["laboratory"] for one in some.table] == list(OPEN)
