"""Numbers about the cell itself."""

from __future__ import annotations

import cv2
import numpy as np

from bcc.cells import SHAPE_COLUMNS, shape_features


def drawn(radius: int, stretch: float = 1.0) -> np.ndarray:
    image = np.full((96, 96, 3), (250, 230, 205), np.uint8)
    axes = (radius, int(radius * stretch))
    cv2.ellipse(image, (48, 48), axes, 0, 0, 360, (190, 150, 200), cv2.FILLED)
    cv2.circle(image, (48, 48), radius // 2, (80, 40, 130), cv2.FILLED)
    return image


def columns(*images: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(SHAPE_COLUMNS, shape_features(np.stack(images)).T, strict=True))


def test_area_and_nucleus_are_those_drawn() -> None:
    found = columns(drawn(30))
    assert abs(found["cell_area"][0] - np.pi * 30**2 / 96**2) < 0.03
    assert abs(found["nucleus_share"][0] - 0.25) < 0.08
    assert found["nucleus_parts"][0] == 1


def test_a_stretched_cell_is_longer_and_less_round() -> None:
    found = columns(drawn(34), drawn(34, 0.6))
    assert found["cell_elongation"][1] < 0.8 * found["cell_elongation"][0]
    assert found["cell_roundness"][1] < found["cell_roundness"][0]


def test_the_nucleus_is_stained_more_densely() -> None:
    found = columns(drawn(30))
    assert found["nucleus_density_green"][0] > 2 * found["cytoplasm_density_green"][0]


def test_a_image_without_a_cell_has_numbers_too() -> None:
    features = shape_features(
        np.stack([np.full((64, 64, 3), 240, np.uint8), np.zeros((64, 64, 3), np.uint8)])
    )
    assert features.shape == (2, len(SHAPE_COLUMNS))
    assert not features.any()


def test_rows_come_in_the_order_asked_for() -> None:
    images = np.stack([drawn(20), drawn(30), drawn(36)])
    assert np.array_equal(shape_features(images, rows=np.array([2, 0])), shape_features(images)[[2, 0]])
