"""Finding the same cell rotated by any angle."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from bcc.datasets import Dataset
from bcc.quality import scan
from bcc.quality.near_duplicates import NearDuplicates
from bcc.quality.registration import _disc, same_detail_rotated
from bcc.quality.rotations import best_rotations, rings, rotated_candidates

Make = Callable[..., Dataset]
Cells = tuple[np.ndarray, np.ndarray]


def small(images: np.ndarray) -> np.ndarray:
    return np.stack([cv2.resize(one[..., 1], (32, 32), interpolation=cv2.INTER_AREA) for one in images])


def rotated(image: np.ndarray, degrees: float, zoom: float = 1.0) -> np.ndarray:
    """Rotated about the middle, corners filled with black."""
    middle = (image.shape[1] - 1) / 2
    return cv2.warpAffine(image, cv2.getRotationMatrix2D((middle, middle), degrees, zoom), image.shape[1::-1])


def groups(dataset: Dataset) -> dict[int, int]:
    frame = scan(dataset, checks=(NearDuplicates(),)).frame
    return dict(zip(frame["index"], frame["group"], strict=True))


def test_rings_have_mean_0_and_length_1_by_circumference(painted_cells: Cells) -> None:
    found = rings(small(painted_cells[0][:5]))
    weight = np.linspace(0.05, 0.42, 10)
    weight /= weight.sum()
    np.testing.assert_allclose(np.einsum("nra,r->n", found, weight), 0, atol=1e-4)
    np.testing.assert_allclose(np.einsum("nra,nra,r->n", found, found, weight), 1, rtol=1e-4)


@pytest.mark.parametrize("degrees", [-130, -17, 25, 45, 101])
def test_rotated_copies_are_candidates(painted_cells: Cells, degrees: float) -> None:
    images = painted_cells[0]
    copies = np.stack([rotated(one, degrees) for one in images[:20]])
    pairs = {tuple(pair) for pair in rotated_candidates(small(np.concatenate([images, copies])), 0).tolist()}
    assert sum((row, len(images) + row) in pairs for row in range(20)) >= 19


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_images_have_no_candidates(count: int) -> None:
    assert rotated_candidates(np.zeros((count, 32, 32), np.uint8), 0).shape == (0, 2)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("degrees", [-72, 17, 140])
@pytest.mark.parametrize("zoom", [0.93, 1.0, 1.08])
def test_the_move_lays_one_over_the_other(
    painted_cells: Cells, degrees: float, mirror: bool, zoom: float
) -> None:
    images = painted_cells[0][:10]
    copies = np.stack([rotated(one, degrees, zoom) for one in images])
    copies = copies[:, :, ::-1] if mirror else copies
    pairs = np.stack([np.arange(10), 10 + np.arange(10)], axis=1)
    both = np.concatenate([images, copies])
    best = best_rotations(small(both), pairs)
    assert (best.mirrored == mirror).sum() >= 9
    _, detail = same_detail_rotated(both, pairs, best.mirrored, best.moves, 32)
    assert (detail >= 0.89).sum() >= 9


def test_the_move_is_the_rotation_and_shift_that_was_made(painted_cells: Cells) -> None:
    image = painted_cells[0][3]
    turn = cv2.getRotationMatrix2D((47.5, 47.5), 40, 1.0)
    turn[:, 2] += 3, -4
    copy = cv2.warpAffine(image, turn, (96, 96), borderMode=cv2.BORDER_REPLICATE)
    best = best_rotations(small(np.stack([image, copy])), np.array([[0, 1]]))
    angle = np.degrees(np.arctan2(best.moves[0, 1, 0], best.moves[0, 0, 0]))
    assert abs(angle - -40) < 5
    middle = np.array([15.5, 15.5, 1])
    assert np.abs(best.moves[0] @ middle - 15.5 - np.array([1, -4 / 3])).max() < 1


@pytest.mark.parametrize("zoom", [0.9, 1.1])
def test_the_move_enlarges_as_the_copy_was_enlarged(painted_cells: Cells, zoom: float) -> None:
    images = painted_cells[0][:20]
    copies = np.stack([rotated(one, 33, zoom) for one in images])
    pairs = np.stack([np.arange(20), 20 + np.arange(20)], axis=1)
    moves = best_rotations(small(np.concatenate([images, copies])), pairs).moves
    scales = np.hypot(moves[:, 0, 0], moves[:, 1, 0])
    assert np.median(scales) == pytest.approx(zoom, abs=0.06)


def test_the_disc_leaves_out_the_corners_that_a_rotation_empties() -> None:
    disc = _disc(96, 11)
    assert disc[47, 47] == disc[47, 83] == 255
    assert disc[15, 15] == disc[47, 90] == disc[80, 80] == 0
    assert np.count_nonzero(disc) == pytest.approx(np.pi * 37**2, rel=0.02)


def cell(x: int, y: int) -> np.ndarray:
    """A black disc on light ground, with a pale neighbour."""
    image = np.full((96, 96, 3), 230, np.uint8)
    cv2.circle(image, (x, y), 14, (200, 200, 200), -1)
    cv2.circle(image, (47, 47), 14, (40, 40, 40), -1)
    return image


def test_round_nuclei_with_other_neighbours_are_not_one_cell(
    painted_cells: Cells, as_dataset: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their edges agree, and so does the profile of their rings: only what lies around them differs."""

    def beside(*places: tuple[int, int]) -> np.ndarray:
        """A crisp black disc, with soft pale neighbours that have no detail of their own."""
        ground = np.full((96, 96, 3), 235, np.uint8)
        for place in places:
            cv2.circle(ground, place, 13, (170, 170, 170), -1)
        return cv2.circle(cv2.GaussianBlur(ground, (0, 0), 7), (47, 47), 15, (40, 40, 40), -1)

    strangers = np.stack([beside((20, 47), (74, 47)), beside((24, 24), (47, 18), (24, 70))])
    images, labels = painted_cells
    dataset = as_dataset(np.concatenate([images[:40], strangers]), np.append(labels[:40], [0, 0]))
    monkeypatch.setattr("bcc.quality.near_duplicates.rotated_candidates", lambda *_: np.array([[40, 41]]))
    strict = scan(dataset, checks=(NearDuplicates(rings=0.8),)).frame
    assert not {40, 41} & set(strict["index"])
    lenient = scan(dataset, checks=(NearDuplicates(rings=0.8, along_rings=0.0),)).frame
    assert {40, 41} <= set(lenient["index"]), "by profile and edges alone they would be"


def test_round_nuclei_differ_along_their_rings() -> None:
    """Two black discs on light ground, each with a pale neighbour elsewhere: one profile, two cells."""
    images = np.stack([cell(20, 20), cell(47, 14), cell(20, 20), cell(76, 20)])
    images[3] = cv2.circle(images[3], (76, 76), 14, (200, 200, 200), -1)
    best = best_rotations(small(images), np.array([[0, 2], [0, 3]]))
    assert best.height[0] > 0.999
    assert best.along[0] > 0.999
    assert best.height[1] > 0.93
    assert best.along[1] < 0.8


def test_rotated_copies_are_grouped_and_strangers_are_not(painted_cells: Cells, as_dataset: Make) -> None:
    images, labels = painted_cells
    rng = np.random.default_rng(0)
    copies = np.stack([rotated(one, rng.uniform(-180, 180)) for one in images[:30]])
    found = groups(as_dataset(np.concatenate([images, copies]), np.concatenate([labels, labels[:30]])))
    together = [row in found and found[row] == found.get(120 + row) for row in range(30)]
    assert sum(together) >= 28
    assert set(found) <= {*range(30), *range(120, 150)}


@pytest.mark.photographs
def test_rotated_copies_of_photographs(real_cells: Cells, as_dataset: Make) -> None:
    images, labels = real_cells
    rng = np.random.default_rng(1)
    rows = rng.permutation(len(images))[:60]
    copies = np.stack([rotated(images[row], rng.uniform(-180, 180)) for row in rows])
    found = groups(as_dataset(np.concatenate([images, copies]), np.concatenate([labels, labels[rows]])))
    count = len(images)
    together = [found.get(row, -1) == found.get(count + place, -2) for place, row in enumerate(rows)]
    assert np.mean(together) >= 0.95
    strangers = set(found) - set(rows.tolist()) - set(range(count, count + 60))
    assert len(strangers) <= 2
