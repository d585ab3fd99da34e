"""Straight seams are strong where images were put together, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from bcc.quality.counterfeits import collage, drawn, inset, parted, strokes
from bcc.quality.seams import SEAM_COLUMNS, seam_numbers


@pytest.fixture(scope="module")
def cells(painted_cells: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return painted_cells[0][:40]


def seams(images: np.ndarray) -> dict[str, np.ndarray]:
    found = seam_numbers(images.mean(axis=3, dtype=np.float32))
    assert found.shape == (len(images), len(SEAM_COLUMNS))
    assert np.isfinite(found).all()
    return dict(zip(SEAM_COLUMNS, found.T, strict=True))


def test_halves_have_a_seam_where_they_meet(cells: np.ndarray) -> None:
    halves = cells.copy()
    halves[:, :, 48:] = cells[::-1, :, 48:]
    whole, put_together = seams(cells), seams(halves)
    assert np.median(put_together["seam_at_fraction"]) > np.quantile(whole["seam_at_fraction"], 0.95)


def test_a_seam_is_the_same_lying_down(cells: np.ndarray) -> None:
    upright, lying = seams(cells), seams(np.ascontiguousarray(cells.transpose(0, 2, 1, 3)))
    for name in ("seam_short", "seam_long", "seam_across", "seam_at_fraction"):
        assert lying[name] == pytest.approx(upright[name], rel=1e-3, abs=1e-3)


def test_a_diagonal_seam_is_found_from_either_corner(cells: np.ndarray) -> None:
    down, across = np.mgrid[:96, :96]
    for beyond in (down + across >= 96, (down + across >= 96)[:, ::-1]):
        parts = np.where(beyond[None, ..., None], cells[::-1], cells)
        assert np.median(seams(parts)["seam_diagonal"]) > np.quantile(seams(cells)["seam_diagonal"], 0.95)


def test_one_colour_has_no_seam() -> None:
    assert not np.any(list(seams(np.full((2, 96, 96, 3), 90, np.uint8)).values()))


def test_what_is_made_up_is_no_longer_the_cell(cells: np.ndarray) -> None:
    for number in range(12):
        rng = np.random.default_rng(number)
        made = [
            parted(cells[0], cells[1], rng),
            collage(list(cells[1:10]), rng),
            inset(cells[0], cells[1], rng),
            drawn(cells[0], rng),
            strokes(cells[0], rng),
        ]
        for image in made:
            assert image.shape == cells[0].shape
            assert image.dtype == np.uint8
            assert (image != cells[0]).any()
