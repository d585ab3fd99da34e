"""Where the cell is: on painted cells with known masks, and on strange images."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from bcc.cells import cell_mask, dice, mask_measurements, masks, nucleus_mask, violet_mask
from bcc.cells.stains import background_colour, middle, optical_density
from bcc.datasets.synthetic import paint_set

PLATELET = 7
ALL = [violet_mask, nucleus_mask, cell_mask]


@pytest.fixture(scope="module")
def painted() -> Any:
    return paint_set(160, seed=8, faults=False)


@pytest.fixture(scope="module")
def found(painted: Any) -> dict[str, np.ndarray]:
    return {mask.__name__: masks(painted.images, mask) for mask in ALL}


@pytest.mark.parametrize("label", range(8))
def test_the_cell_is_found_in_every_class_and_better_than_by_hue(
    painted: Any, found: dict[str, np.ndarray], label: int
) -> None:
    rows = painted.labels == label
    ours = dice(found["cell_mask"], painted.cell_masks)[rows].mean()
    assert ours > 0.88
    assert ours > dice(found["violet_mask"], painted.cell_masks)[rows].mean()


def test_the_nucleus_is_found_and_platelets_have_none(painted: Any, found: dict[str, np.ndarray]) -> None:
    score = dice(found["nucleus_mask"], painted.nucleus_masks)
    for label in range(7):
        assert score[painted.labels == label].mean() > 0.85
    assert score[painted.labels == PLATELET].mean() > 0.95


def test_the_nucleus_lies_in_the_cell(found: dict[str, np.ndarray]) -> None:
    outside = found["nucleus_mask"] & ~found["cell_mask"]
    assert outside.sum() <= 0.01 * found["nucleus_mask"].sum()


def test_the_violet_mask_sees_violet_and_not_its_mirror_image_in_the_channels() -> None:
    image = np.full((96, 96, 3), (250, 230, 205), np.uint8)
    cv2.circle(image, (48, 48), 20, (120, 60, 150), cv2.FILLED)
    assert violet_mask(image)[48, 48]
    image[30:66, 30:66] = (150, 110, 40)
    assert not violet_mask(image).any(), "brown is violet only to those who swap red and blue"


@pytest.mark.parametrize("mask", ALL)
@pytest.mark.parametrize("image", ["white", "black", "grey", "noise"])
def test_no_image_is_skipped(mask: Any, image: str) -> None:
    made = {
        "white": np.full((64, 48, 3), 255, np.uint8),
        "black": np.zeros((64, 48, 3), np.uint8),
        "grey": np.full((64, 48, 3), 128, np.uint8),
        "noise": np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8),
    }[image]
    found = mask(made)
    assert found.shape == (64, 48)
    assert found.dtype == bool
    if image != "noise":
        assert not found.any()


def test_rows_come_in_the_order_asked_for(painted: Any) -> None:
    rows = np.array([5, 3, 5])
    assert np.array_equal(masks(painted.images, cell_mask, rows)[1], cell_mask(painted.images[3]))


def test_measurements_count_pixels_and_parts() -> None:
    found = np.zeros((2, 10, 10), bool)
    found[0, :2, :5] = True
    found[0, 8:, 8:] = True
    table = mask_measurements(found)
    assert table["area"].tolist() == [14, 0]
    assert table["share"].tolist() == [0.14, 0.0]
    assert table["parts"].tolist() == [2, 0]


def test_dice_is_one_for_equal_and_for_empty_masks_and_none_for_strangers() -> None:
    one = np.zeros((3, 4, 4), bool)
    other = one.copy()
    one[0, :2], other[0, :2] = True, True
    one[1, :2], other[1, 2:] = True, True
    assert dice(one, other).tolist() == [1.0, 0.0, 1.0]


def test_optical_density_adds_up_layer_by_layer() -> None:
    image = np.full((32, 32, 3), 200, np.uint8)
    image[8:12, 8:12], image[20:24, 20:24] = 100, 50
    assert background_colour(image).tolist() == [200, 200, 200]
    density = optical_density(image)
    assert np.allclose(density[0, 0], 0, atol=1e-6)
    assert np.allclose(density[21, 21], 2 * density[9, 9], atol=0.03)


@pytest.mark.parametrize("count", [1, 4, 7])
def test_the_middle_is_the_median_and_of_two_the_upper(count: int) -> None:
    amounts = np.random.default_rng(count).permutation(count).astype(np.float32)
    assert middle(amounts) == count // 2
