"""Maps: look-alikes lie together, copies on one spot, odd sets do not break them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.cells import components, neighbour_map, principal_plane
from bcc.cells import map_layout as layout_module
from bcc.cells.map_layout import is_laid_out, lay_out
from bcc.datasets import load


@pytest.fixture(scope="module")
def clouds() -> tuple[np.ndarray, np.ndarray]:
    """Three clouds of 40 points in 20 dimensions."""
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1, 2], 40)
    return rng.normal(size=(120, 20)) + rng.normal(0, 4, (3, 20))[kind], kind


def nearest_of_same_kind(places: np.ndarray, kind: np.ndarray) -> float:
    """Share of points whose nearest other point is of their kind."""
    away = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(away, np.inf)
    return float((kind[away.argmin(axis=1)] == kind).mean())


def test_look_alikes_lie_together(clouds: tuple[np.ndarray, np.ndarray]) -> None:
    parts = components(clouds[0])
    assert parts.shape == (120, 20)
    assert nearest_of_same_kind(principal_plane(parts), clouds[1]) > 0.9
    told: list[float] = []
    places = neighbour_map(parts, lambda share, _: told.append(share) or True)
    np.testing.assert_array_equal(places, neighbour_map(parts))
    assert places.shape == (120, 2)
    assert np.isfinite(places).all()
    assert nearest_of_same_kind(places, clouds[1]) > 0.98
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
@pytest.mark.parametrize("same", [True, False])
def test_few_or_identical_images(rows: int, same: bool) -> None:
    features = np.ones((rows, 6)) if same else np.random.default_rng(1).normal(size=(rows, 6))
    parts = components(features)
    assert parts.shape[0] == rows
    assert parts.shape[1] >= 2
    for places in (principal_plane(parts), neighbour_map(parts)):
        assert places.shape == (rows, 2)
        assert np.isfinite(places).all()


def test_a_set_is_laid_out_once_and_copies_lie_on_one_spot(
    tiny_npz: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with np.load(tiny_npz(rows=40, classes=4)) as arrays:
        images = arrays["images"].copy()
    images[[7, 21]] = images[3]
    dataset = load(tiny_npz(rows=40, classes=4, images=images))
    assert not is_laid_out(dataset, "plane")
    places = lay_out(dataset, "plane")
    assert places.shape == (40, 2)
    assert (places[[7, 21]] == places[3]).all()
    assert len(np.unique(places, axis=0)) == 38
    monkeypatch.setattr(layout_module, "simple_features", None)
    np.testing.assert_array_equal(lay_out(dataset, "plane"), places)
    assert is_laid_out(dataset, "plane")
    assert lay_out(dataset, "neighbours").shape == (40, 2), "the components were kept as well"
