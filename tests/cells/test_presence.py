"""Whether an image holds a cell: painted cells and painted glass, photographs and their corners."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from bcc.cells import holding_cells, holds_cell
from bcc.datasets.synthetic import CLASS_NAMES, draw_spec, paint
from bcc.datasets.synthetic.smear import draw_red_cells
from bcc.paths import PROJECT

PHOTOGRAPHS = PROJECT.parent / "shared" / "data" / "pbc"
GLASS = np.array([253.5, 227.3, 201.0])


def density_times(image: np.ndarray, factor: float, glass: np.ndarray = GLASS) -> np.ndarray:
    """Every optical density times a factor, on glass of another colour."""
    light = ((image + 1.0) / (GLASS + 1)) ** factor * (glass + 1) - 1
    return np.clip(np.rint(light), 0, 255).astype(np.uint8)


def turned_towards_blue(image: np.ndarray) -> np.ndarray:
    """Every hue 20 degrees nearer to blue, as by another white balance: haemoglobin looks like a dye then."""
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).astype(int)
    hsv[..., 0] = (hsv[..., 0] - 10) % 180
    return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB))


ALTERED = {
    "as it is": lambda image: image,
    "pale": lambda image: density_times(image, 0.4),
    "mixed with white": lambda image: (0.5 * image + 127.5).astype(np.uint8),
    "dark": lambda image: density_times(image, 1.6),
    "lilac": lambda image: density_times(image, 1, np.array([228.0, 218, 228])),
    "dim": lambda image: (image * 0.5).astype(np.uint8),
    "towards blue": turned_towards_blue,
    "small": lambda image: cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA),
    "large": lambda image: cv2.resize(image, (240, 240)),
}


def painted_background(seed: int) -> np.ndarray:
    """Glass and red cells, painted as around a cell, with none in the middle."""
    spec = draw_spec("lymphocyte", seed).model_copy(update={"cell_size": 3.0, "shift_right": 4.0})
    outline = type("Nowhere", (), {"x": -500.0, "y": -500.0, "radius_at": staticmethod(np.zeros_like)})()
    thickness = cv2.resize(draw_red_cells(spec, outline, 192), (96, 96), interpolation=cv2.INTER_AREA)
    red = np.array([0.68, 1.0, 0.60]) * 0.3
    return np.rint(GLASS * np.exp(-thickness[..., None] * red)).astype(np.uint8)


@pytest.mark.parametrize("way", ALTERED)
def test_painted_cells_are_cells_and_painted_glass_and_red_cells_are_none(way: str) -> None:
    alter = ALTERED[way]
    cells = [paint(draw_spec(name, 60 + seed)).image for name in CLASS_NAMES for seed in range(3)]
    assert all(holds_cell(alter(image)) for image in cells)
    assert not any(holds_cell(alter(painted_background(seed))) for seed in range(12))


@pytest.mark.parametrize("level", [0, 40, 128, 255])
def test_an_even_image_holds_no_cell(level: int) -> None:
    assert not holds_cell(np.full((64, 64, 3), level, np.uint8))


def test_clean_glass_holds_no_cell_whatever_the_camera_adds() -> None:
    rng = np.random.default_rng(3)
    fall = 1 - 0.2 * np.hypot(*np.mgrid[:96, :96] / 96 - 0.4)[..., None] ** 2
    for spread in (0.5, 3, 8):
        noisy = GLASS * fall + rng.normal(0, spread, (96, 96, 3))
        assert not holds_cell(np.clip(noisy, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("place", [(0, 40), (95, 50), (48, 0), (48, 95)])
def test_violet_red_cells_on_the_border_are_none_and_the_same_in_the_middle_is_a_cell(
    place: tuple[int, int],
) -> None:
    # Blue over green 0.35 and red over green 1: between haemoglobin and azure, the colour alone is no answer.
    colour = np.rint((GLASS + 1) * np.exp(-0.7 * np.array([1.0, 1.0, 0.35])) - 1)
    for centre, held in ((place, False), ((48, 48), True)):
        image = np.rint(np.broadcast_to(GLASS, (96, 96, 3))).astype(np.uint8).copy()
        cv2.circle(image, centre, 13, colour.tolist(), cv2.FILLED)
        assert holds_cell(image) == held


def test_a_black_and_white_cell_is_not_denied() -> None:
    grey = cv2.cvtColor(paint(draw_spec("neutrophil", 4)).image, cv2.COLOR_RGB2GRAY)
    assert holds_cell(np.repeat(grey[..., None], 3, axis=2))


def test_many_are_answered_in_order() -> None:
    mixed = np.stack([paint(draw_spec("platelet", 1)).image, painted_background(1)] * 40)
    assert holding_cells(mixed).tolist() == [True, False] * 40
    assert holding_cells(mixed[:0]).shape == (0,)


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the photographs are not on this machine")
@pytest.mark.parametrize("way", ["as it is", "pale", "mixed with white", "dark", "lilac", "towards blue"])
def test_photographs_of_cells_hold_one_and_their_cell_free_corners_none(way: str) -> None:
    alter = ALTERED[way]
    cells, corners = [], []
    for folder in sorted(PHOTOGRAPHS.iterdir()):
        for file in sorted(folder.glob("*.jpg"))[:160:10]:
            image = np.asarray(Image.open(file).convert("RGB"))
            cells.append(holds_cell(alter(_at_96(image[81:281, 80:280]))))
            corner = image[:90, :90]
            if not _is_violet(corner):
                corners.append(holds_cell(alter(_at_96(corner))))
    assert np.mean(cells) > 0.99
    assert len(corners) > 40
    assert np.mean(corners) < (0.05 if way == "towards blue" else 0.03)


def _at_96(image: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(np.ascontiguousarray(image), (96, 96), interpolation=cv2.INTER_AREA))


def _is_violet(image: np.ndarray) -> bool:
    """Whether the known glass of these photographs shows a trace of dye: such a corner holds another cell."""
    density = np.log((GLASS + 1) / (cv2.GaussianBlur(image, (7, 7), 0) + 1.0))
    return bool(((density[..., 0] > 0.2) & (density[..., 2] < 0.45 * density[..., 1])).mean() > 0.001)
