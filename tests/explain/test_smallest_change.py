"""The smallest change that turns an answer, against models whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from bcc.datasets.synthetic import CellSpec, PaintedCell, paint
from bcc.explain.painted_cell import typical_spec
from bcc.explain.smallest_change import distance, smallest_change


def dark_share(images: np.ndarray) -> np.ndarray:
    """Share of an image that is as dark as a nucleus: (M,)."""
    return np.asarray((images.astype(np.float64).mean(axis=-1) < 110).mean(axis=(1, 2)))


def by_darkness(limit: float, sharpness: float = 60.0):  # type: ignore[no-untyped-def]
    """Class 1 where more than `limit` of the image is dark."""

    def predict(images: np.ndarray) -> np.ndarray:
        one = 1 / (1 + np.exp(-sharpness * (dark_share(images) - limit)))
        return np.stack([1 - one, one], axis=1)

    return predict


def test_distances_add_up_and_ignore_seed_and_direction() -> None:
    start = typical_spec("neutrophil")
    assert distance(start, start) == 0
    other = start.model_copy(update={"seed": 9, "orientation": 200.0, "cell_size": start.cell_size + 1.9})
    assert distance(start, other) == distance(other, start) == pytest.approx(1.9 / 19)
    both = other.model_copy(update={"lobes": start.lobes + 1})
    assert distance(start, both) == pytest.approx(1.9 / 19 + 1 / 4)


def test_the_way_turns_the_answer_and_little_less_does_not() -> None:
    start = typical_spec("lymphocyte")
    share = float(dark_share(paint(start, 48).image[None])[0])
    predict = by_darkness(share * 0.8)
    found = smallest_change(start, predict, size=48)
    assert found is not None
    assert found.label == 0
    ((name, before, after),) = found.properties
    assert before == getattr(start, name)
    assert after == getattr(found.spec, name)
    assert found.distance == pytest.approx(distance(start, found.spec))
    # Halfway back the answer is the old one: the way was not much longer than it had to be.
    halfway = start.model_copy(update={name: (before + after) / 2})
    assert predict(paint(halfway, 48).image[None])[0].argmax() == 1


def test_several_properties_where_one_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A painter that writes two properties into the image, and a model that wants much of both."""
    from bcc.explain import smallest_change as module

    def painted(spec: CellSpec, size: int) -> PaintedCell:
        image = np.zeros((size, size, 3), np.uint8)
        image[0, 0] = (spec.lobes * 10, round(spec.cell_size * 10), 0)
        mask = np.zeros((size, size), bool)
        return PaintedCell(image, mask, mask)

    def predict(images: np.ndarray) -> np.ndarray:
        lobes, width = images[:, 0, 0, 0] / 50, images[:, 0, 0, 1] / 220
        other = np.clip(0.25 * (lobes + width), 0, 0.49) + 0.4 * ((lobes >= 0.8) & (width >= 0.9))
        return np.stack([1 - other, other], axis=1)

    monkeypatch.setattr(module, "paint", painted)
    start = CellSpec(lobes=2, cell_size=15.0)
    found = smallest_change(start, predict, size=8)
    assert found is not None
    assert found.label == 1
    assert {name for name, _, _ in found.properties} >= {"lobes", "cell_size"}
    assert found.spec.lobes >= 4
    assert found.spec.cell_size >= 19.75


def test_a_model_that_never_changes_its_mind_cannot_be_fooled(monkeypatch: pytest.MonkeyPatch) -> None:
    from bcc.explain import smallest_change as module

    monkeypatch.setattr(module, "STEPS", 1)

    def predict(images: np.ndarray) -> np.ndarray:
        return np.tile([0.1, 0.9], (len(images), 1))

    assert smallest_change(CellSpec(), predict, size=32) is None
