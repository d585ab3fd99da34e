"""Images taken under another light, and black corners, which are no fault."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from bcc.datasets import Dataset
from bcc.quality import scan
from bcc.quality.colours import background_light, light_deviations
from bcc.quality.image_faults import ImageFaults
from bcc.quality.measures import without_black_corners
from bcc.quality.other_stain import OtherStain

Make = Callable[..., Dataset]
Cells = tuple[np.ndarray, np.ndarray]
PEACH, LILAC = (255, 228, 202), (228, 218, 228)


def lit(images: np.ndarray, before: tuple[int, ...], after: tuple[int, ...]) -> np.ndarray:
    return np.clip(np.rint(images * (np.array(after) / np.array(before))), 0, 255).astype(np.uint8)


def test_the_light_is_that_of_the_lightest_fifth() -> None:
    image = np.full((1, 10, 10, 3), (90, 20, 120), np.uint8)
    image[0, :2] = (255, 228, 202)
    np.testing.assert_array_equal(background_light(image), [[255, 228, 202]])


def test_a_turned_down_lamp_is_no_other_light() -> None:
    rng = np.random.default_rng(0)
    light = np.array(PEACH) * rng.normal(1, 0.003, (200, 3))
    light[:3] *= 0.4
    assert np.abs(light_deviations(np.rint(light))[:3]).max() < 7
    light[3] = LILAC
    assert np.abs(light_deviations(np.rint(light))[3]).max() > 10


@pytest.mark.parametrize("after", [LILAC, (215, 215, 215), (190, 200, 225), (245, 224, 212)])
def test_painted_cells_under_another_light_are_found(
    as_dataset: Make, painted_cells: Cells, after: tuple[int, ...]
) -> None:
    images = painted_cells[0].copy()
    own = np.median(background_light(images[:, 1::3, 1::3]), axis=0)
    scale = np.array(after) / np.array(PEACH)
    images[:5] = np.clip(images[:5] * scale * (own.max() / (own * scale).max()), 0, 255).astype(np.uint8)
    found = scan(as_dataset(images, painted_cells[1]), [OtherStain()]).of_kind("other_stain")
    assert set(range(5)) <= set(found["index"])


@pytest.mark.photographs
@pytest.mark.parametrize(("usual", "other"), [(PEACH, LILAC), (LILAC, PEACH)])
def test_photographs_under_another_light_are_found_and_the_others_left_alone(
    as_dataset: Make, real_cells: Cells, usual: tuple[int, ...], other: tuple[int, ...]
) -> None:
    images = lit(real_cells[0], PEACH, usual)
    images[:30] = lit(real_cells[0][:30], PEACH, other)
    findings = scan(as_dataset(images, real_cells[1]), [OtherStain()])
    found = findings.of_kind("other_stain")["index"].to_numpy()
    assert np.isin(np.arange(30), found).mean() >= 0.95
    assert (found >= 30).sum() <= 0.01 * len(images)
    assert not findings.notes


def test_the_sentence_names_the_ratio(as_dataset: Make, painted_cells: Cells) -> None:
    images = painted_cells[0].copy()
    images[0, ..., 2] = (images[0, ..., 2] * 0.8).astype(np.uint8)
    found = scan(as_dataset(images, painted_cells[1]), [OtherStain()]).of_kind("other_stain")
    detail = found.set_index("index")["detail"][0]
    assert detail.startswith("The light of its background is another than in most of the set: ")
    assert "usual spreads away" in detail


def rotated(image: np.ndarray, degrees: float) -> np.ndarray:
    turn = cv2.getRotationMatrix2D((47.5, 47.5), degrees, 1.0)
    return np.asarray(cv2.warpAffine(image, turn, (96, 96)))


@pytest.mark.parametrize("degrees", [3, 10, 20])
def test_black_corners_are_filled_with_what_is_beside_them(painted_cells: Cells, degrees: float) -> None:
    block = np.stack([rotated(image, degrees) for image in painted_cells[0][:6]])
    filled = without_black_corners(block)
    assert (block.max(axis=3) == 0).any()
    # Where the wedge is thinner than a pixel, that was mixed with black already.
    assert (filled.max(axis=3) <= 40).mean() < 0.003
    np.testing.assert_array_equal(filled[:, 30:66, 30:66], block[:, 30:66, 30:66])


def test_images_without_black_corners_and_black_ones_stay(painted_cells: Cells) -> None:
    plain = painted_cells[0][:6]
    assert without_black_corners(plain) is plain
    black = np.zeros((2, 96, 96, 3), np.uint8)
    np.testing.assert_array_equal(without_black_corners(black), black)


def test_black_corners_do_not_make_the_others_flat(as_dataset: Make, painted_cells: Cells) -> None:
    images = painted_cells[0].copy()
    images[::2] = [rotated(image, 12) for image in images[::2]]
    counts = scan(as_dataset(images, painted_cells[1]), [ImageFaults()]).counts()
    assert counts["low_contrast"] + counts["dark"] <= 4
