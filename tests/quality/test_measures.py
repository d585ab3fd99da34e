"""The plain numbers of images, and what is usual."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bcc.quality.badly_taken import badly_taken
from bcc.quality.colours import colour_numbers, images_with, rarity
from bcc.quality.counterfeits import counterfeits
from bcc.quality.measures import COLUMNS, measure, without_empty_borders
from bcc.quality.robust import Usual, score_beyond

Cells = tuple[np.ndarray, np.ndarray]


def all_of(images: np.ndarray) -> np.ndarray:
    return measure(images, np.arange(len(images))).numbers


def test_a_image_gets_the_same_numbers_in_any_company(painted_cells: Cells) -> None:
    images = painted_cells[0]
    together = all_of(images)
    assert np.isfinite(together).all()
    assert np.array_equal(measure(images, np.array([77])).numbers[0], together[77])
    after_white = np.stack([np.full_like(images[0], 255), images[77], np.zeros_like(images[0])])
    assert np.allclose(all_of(after_white)[1], together[77], rtol=1e-5)


def test_blur_takes_fine_detail_and_movement_evenness(painted_cells: Cells) -> None:
    one = painted_cells[0][0]
    blurred, moved = cv2.GaussianBlur(one, (0, 0), 2), cv2.blur(one, (9, 1))
    measures = measure(np.stack([one, blurred, moved]), np.arange(3))
    fine = measures["fine"] / measures["coarse"]
    assert fine[1] < 0.4 * fine[0]
    assert measures["evenness"][2] < 0.6 * measures["evenness"][0]


def test_background_and_foreground_have_their_own_colours() -> None:
    image = np.full((1, 96, 96, 3), (240, 220, 200), np.uint8)
    image[0, 30:60, 30:60] = (90, 40, 130)
    row = dict(zip(COLUMNS, all_of(image)[0], strict=True))
    assert [row[f"background_{one}"] for one in ("red", "green", "blue")] == [240, 220, 200]
    assert [row[f"foreground_{one}"] for one in ("red", "green", "blue")] == [90, 40, 130]
    assert row["foreground_share"] == pytest.approx(900 / 9216, abs=1e-3)


def test_the_median_stays_while_faults_are_fewer_than_half() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(10, 1, 1000)
    values[:300] = 200
    usual = Usual.of(values, np.zeros(1000, np.int64))
    assert 9 < usual.middle[0] < 12
    assert usual.deviation(values, np.zeros(1000, np.int64), 0.1)[:300].min() > 40


def test_a_small_class_borrows_from_the_set() -> None:
    values = np.append(np.random.default_rng(0).normal(0, 1, 500), [30.0])
    labels = np.append(np.zeros(500, np.int64), 1)
    far = Usual.of(values, labels).deviation(values, labels, 0.1)
    assert abs(far[-1]) < 3, "alone in its class, it cannot be told from it"


def test_scores_fall_from_one_through_a_half_at_the_limit() -> None:
    scores = score_beyond(np.array([0, 5, 10, 1000]), 5)
    assert scores[0] == 1
    assert scores[1] == 0.5
    assert (np.diff(scores) < 0).all()
    assert scores[-1] > 0


def test_a_colour_of_one_image_alone_is_rare() -> None:
    samples = np.zeros((50, 4, 4, 3), np.uint8)
    samples[..., :] = 200
    samples[7, :2] = (0, 250, 0)
    numbers = colour_numbers(samples)
    rare = rarity(numbers, images_with(numbers), 50, own=True)
    assert rare[7, 0] == 0.5
    assert rare[6, 0] == 0


@pytest.mark.parametrize("make", [counterfeits, badly_taken])
def test_made_up_images_come_from_the_seed_alone(make: type, painted_cells: Cells) -> None:
    cells = painted_cells[0][:16]
    first, again, other = make(cells, 1), make(cells, 1), make(cells, 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first != cells).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize(("down", "across"), [(5, 0), (-4, 6), (0, -3)])
@pytest.mark.parametrize("level", [0, 255, 128])
def test_an_empty_border_is_filled_from_beside_it(
    painted_cells: Cells, down: int, across: int, level: int
) -> None:
    images = painted_cells[0][:12]
    move = np.array([[1.0, 0, across], [0, 1.0, down]])
    empty, filled = (
        np.stack(
            [cv2.warpAffine(one, move, (96, 96), borderMode=how, borderValue=(level,) * 3) for one in images]
        )
        for how in (cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE)
    )
    np.testing.assert_array_equal(without_empty_borders(empty), filled)
    np.testing.assert_array_equal(all_of(empty), all_of(filled))


def test_images_without_a_border_stay(painted_cells: Cells) -> None:
    images = np.concatenate([painted_cells[0][:8], np.full((1, 96, 96, 3), 90, np.uint8)])
    drawing = np.full((1, 96, 96, 3), 255, np.uint8)
    cv2.circle(drawing[0], (48, 48), 30, (20, 90, 160), -1)
    for kept in (images, drawing):
        np.testing.assert_array_equal(without_empty_borders(kept), kept)
