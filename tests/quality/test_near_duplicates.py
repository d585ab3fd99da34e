"""Finding the same cell in another image."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from bcc.datasets import Dataset
from bcc.quality import scan
from bcc.quality.candidate_pairs import candidates, descriptors
from bcc.quality.near_duplicates import NearDuplicates
from bcc.quality.registration import TURNS, best_turns, same_detail, turned

Make = Callable[..., Dataset]
Cells = tuple[np.ndarray, np.ndarray]


def small(images: np.ndarray) -> np.ndarray:
    return np.stack([cv2.resize(one[..., 1], (32, 32), interpolation=cv2.INTER_AREA) for one in images])


@pytest.mark.parametrize("turn", range(TURNS))
def test_turns_and_mirrors_leave_the_description_alone(painted_cells: Cells, turn: int) -> None:
    grey = small(painted_cells[0][:10])
    usual = np.linalg.norm(np.diff(descriptors(grey), axis=0), axis=1).min()
    moved = np.linalg.norm(descriptors(turned(grey, turn)) - descriptors(grey), axis=1)
    assert moved.max() < 0.01 * usual


def test_brightness_leaves_the_description_alone(painted_cells: Cells) -> None:
    grey = small(painted_cells[0][:10])
    brighter = np.clip(grey * 1.08 + 4, 0, 255).astype(np.uint8)
    usual = np.median(np.linalg.norm(np.diff(descriptors(grey), axis=0), axis=1))
    assert np.linalg.norm(descriptors(brighter) - descriptors(grey), axis=1).max() < 0.3 * usual


def test_a_crop_is_met_by_a_smaller_window(painted_cells: Cells) -> None:
    images = painted_cells[0][:20]
    cropped = np.stack([cv2.resize(one[3:-3, 3:-3], (96, 96)) for one in images])
    whole, part = small(images), small(cropped)
    plain = np.linalg.norm(descriptors(whole) - descriptors(part), axis=1)
    through = np.linalg.norm(descriptors(whole, 96 / 90) - descriptors(part), axis=1)
    assert (through < 0.5 * plain).mean() > 0.8


def test_copies_are_among_the_candidates_and_few_others(painted_cells: Cells) -> None:
    images = painted_cells[0]
    move = np.array([[1.0, 0, 4], [0, 1.0, -3]])
    shifted = np.stack(
        [cv2.warpAffine(one, move, (96, 96), borderMode=cv2.BORDER_REFLECT) for one in images[:20]]
    )
    pairs, far = candidates(small(np.concatenate([images, shifted])), seed=0)
    found = {tuple(pair) for pair in pairs.tolist()}
    assert sum((row, 120 + row) in found for row in range(20)) >= 19
    assert len(pairs) < 3 * 140
    assert (np.diff(far) >= 0).all()
    assert (pairs[:, 0] < pairs[:, 1]).all()


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_images_have_no_candidates(count: int) -> None:
    assert len(candidates(np.zeros((count, 32, 32), np.uint8), seed=0)[0]) == 0


@pytest.mark.parametrize("turn", range(TURNS))
def test_a_turned_shifted_copy_is_laid_over_its_original(painted_cells: Cells, turn: int) -> None:
    one = painted_cells[0][3]
    move = np.array([[1.0, 0, 5], [0, 1.0, -2]])
    other = cv2.warpAffine(one, move, (96, 96), borderMode=cv2.BORDER_REFLECT)
    other = np.ascontiguousarray(np.moveaxis(turned(np.moveaxis(other, -1, 0), turn), 0, -1))
    images, pairs = np.stack([one, other]), np.array([[0, 1]])
    height, best, shift = best_turns(small(images), pairs)
    _, detail = same_detail(images, pairs, best, shift, 32)
    assert height[0] > 0.9
    assert detail[0] > 0.95


def test_the_best_turn_is_the_best_of_all_turns_and_shifts(painted_cells: Cells) -> None:
    grey = small(painted_cells[0][:6])
    pairs = np.array([(one, other) for one in range(6) for other in range(6)])
    height, best, shift = best_turns(grey, pairs)
    bell = np.hanning(34)[1:-1] ** 0.5
    window = np.outer(bell, bell)

    def level(image: np.ndarray) -> np.ndarray:
        even = (image - image.mean()) * window
        even -= even.mean()
        return even / np.linalg.norm(even)

    for (one, other), high, turn, move in zip(pairs, height, best, shift, strict=True):
        first = level(grey[one].astype(float))
        every = [level(turned(grey[other], number).astype(float)) for number in range(TURNS)]
        there = (first * np.roll(every[turn], move, (0, 1))).sum()
        assert there == pytest.approx(high, abs=1e-4)
        waves = np.fft.fft2(first)
        all_heights = [np.fft.ifft2(waves * np.fft.fft2(of_turn).conj()).real.max() for of_turn in every]
        assert max(all_heights) == pytest.approx(high, abs=1e-4)


def test_a_crop_agrees_once_the_scale_is_right(painted_cells: Cells) -> None:
    whole = painted_cells[0][:40]
    cropped = np.stack(
        [cv2.resize(one[5:-3, 2:-6], (96, 96), interpolation=cv2.INTER_CUBIC) for one in whole]
    )
    images, rows = np.concatenate([whole, cropped]), np.arange(40)
    pairs = np.stack([rows, 40 + rows], axis=1)
    _, best, shift = best_turns(small(images), pairs)
    assert (same_detail(images, pairs, best, shift, 32)[1] >= 0.89).mean() >= 0.9


def test_a_crop_and_a_small_rotation_are_fitted(painted_cells: Cells) -> None:
    one = painted_cells[0][3]
    turn = cv2.getRotationMatrix2D((47.5, 47.5), 5, 1.05)
    other = cv2.warpAffine(one, turn, (96, 96), borderMode=cv2.BORDER_REFLECT)
    images, pairs = np.stack([one, other]), np.array([[0, 1]])
    _, best, shift = best_turns(small(images), pairs)
    assert same_detail(images, pairs, best, shift, 32)[1][0] > 0.9


def test_two_cells_of_one_class_differ_in_detail(painted_cells: Cells) -> None:
    images, labels = painted_cells
    rows = np.flatnonzero(labels == 6)[:8]
    pairs = np.array([[one, other] for one in rows for other in rows if one < other])
    _, best, shift = best_turns(small(images), pairs)
    assert same_detail(images, pairs, best, shift, 32)[1].max() < 0.85


def test_plain_images_have_no_detail_to_agree_in() -> None:
    images = np.stack([np.full((96, 96, 3), value, np.uint8) for value in (100, 101)])
    pairs = np.array([[0, 1]])
    _, best, shift = best_turns(small(images), pairs)
    assert same_detail(images, pairs, best, shift, 32)[1][0] == 0


@pytest.mark.parametrize(
    ("height", "apart", "plausible", "compared"),
    [
        (0.86, 0.0, True, True),
        (0.84, 0.0, True, False),
        (0.92, 0.0, False, False),
        (0.94, 0.0, False, True),
        # 0.78 + 0.3 / 3 = 0.88
        (0.885, 0.3, True, True),
        (0.875, 0.3, True, False),
        # 0.78 + 0.5 / 3 = 0.947: colours that resemble, or equal images, make up for nothing.
        (0.94, 0.5, True, False),
        (0.95, 0.5, False, True),
    ],
)
def test_the_farther_apart_two_descriptions_are_the_better_the_images_must_fit(
    height: float, apart: float, plausible: bool, compared: bool
) -> None:
    check = NearDuplicates()
    assert check.worth_comparing(np.array([height]), np.array([apart]), np.array([plausible])) == [compared]


def test_a_fit_that_no_pair_reaches_finds_nothing(as_dataset: Make, painted_cells: Cells) -> None:
    images, labels = painted_cells[0][:40], painted_cells[1][:40]
    again = np.clip(images[:10] * 1.05, 0, 255).astype(np.uint8)
    dataset = as_dataset(np.concatenate([images, again]), np.concatenate([labels, labels[:10]]))
    found = scan(dataset, [NearDuplicates()]).of_kind("near_duplicate")
    assert set(range(40, 50)) <= set(found["index"])
    assert (
        scan(dataset, [NearDuplicates(fit=1.0, rings=1.0, along_rings=1.0)]).of_kind("near_duplicate").empty
    )
