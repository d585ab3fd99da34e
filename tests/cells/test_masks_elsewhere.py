"""Masks where the smear, the camera or the magnification is another: limits come from the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from bcc.cells import cell_mask, dice, masks, nucleus_mask
from bcc.datasets.synthetic import CLASS_NAMES, draw_spec, paint
from bcc.folders import PROJECT

PHOTOGRAPHS = PROJECT.parent / "shared" / "data" / "pbc"
GLASS = np.array([253.5, 227.3, 201.0])
PLATELET = CLASS_NAMES.index("platelet")
DYES = np.array([[0.728, 0.592, 0.345], [0.370, 0.924, 0.097], [0.50, 0.74, 0.44]])
"""How azure, eosin and haemoglobin take away red, green and blue."""

Change = Callable[[np.ndarray], np.ndarray]


def restained(
    amounts: tuple[float, ...] = (1, 1, 1),
    dyes: np.ndarray = DYES,
    glass: tuple[float, ...] = (253.5, 227.3, 201.0),
) -> Change:
    """Other amounts of other dyes on other glass, by the law of Beer and Lambert."""
    old, new = (d / np.linalg.norm(d, axis=1, keepdims=True) for d in (DYES, np.asarray(dyes)))
    mixing = np.linalg.inv(old) @ (np.array(amounts)[:, None] * new)

    def change(picture: np.ndarray) -> np.ndarray:
        density = np.log((GLASS + 1) / (picture + 1.0)) @ mixing
        return np.clip(np.rint((np.array(glass) + 1) * np.exp(-density) - 1), 0, 255).astype(np.uint8)

    return change


RAPID = np.array([[0.80, 0.55, 0.22], [0.35, 0.90, 0.25], [0.25, 0.55, 0.80]])
CHANGES: dict[str, Change] = {
    "as it is": lambda picture: picture,
    "half as dense": restained((0.5, 0.5, 0.5)),
    "a third as dense": restained((0.3, 0.3, 0.3)),
    "dark": restained((1.6, 1.6, 1.6)),
    "bluer azure": restained(dyes=np.array([[0.85, 0.45, 0.20], *DYES[1:]])),
    "redder azure": restained(dyes=np.array([[0.55, 0.75, 0.35], [0.25, 0.95, 0.20], DYES[2]])),
    "peach": restained(glass=(255, 228, 202)),
    "lilac": restained(glass=(228, 218, 228)),
    "rapid": restained((0.8, 0.25, 0.45), RAPID, (233, 226, 190)),
}


@pytest.fixture(scope="module")
def painted() -> Any:
    cells = [paint(draw_spec(name, 900 + seed)) for name in CLASS_NAMES for seed in range(6)]
    labels = np.repeat(np.arange(len(CLASS_NAMES)), 6)
    return cells, labels


@pytest.mark.parametrize("change", CHANGES)
def test_painted_cells_are_outlined_in_every_stain(painted: Any, change: str) -> None:
    cells, labels = painted
    pictures = np.stack([CHANGES[change](cell.picture) for cell in cells])
    whole = dice(masks(pictures, cell_mask), np.stack([cell.cell_mask for cell in cells]))
    assert whole.mean() > 0.92
    assert min(whole[labels == label].mean() for label in range(8)) > 0.8
    found = masks(pictures, nucleus_mask)
    empty = ~found.any(axis=(1, 2))
    assert not empty[labels != PLATELET].any()
    assert empty[labels == PLATELET].mean() > 0.8
    nuclei = dice(found, np.stack([cell.nucleus_mask for cell in cells]))
    assert nuclei[labels != PLATELET].mean() > 0.88


@pytest.mark.parametrize("zoom", [0.65, 1.4])
def test_small_and_large_cells_are_outlined(zoom: float) -> None:
    for name in CLASS_NAMES:
        spec = draw_spec(name, 71)
        sizes = {
            "cell_size": float(np.clip(spec.cell_size * zoom, 3, 22)),
            "red_cell_size": float(np.clip(spec.red_cell_size * zoom, 4, 10)),
        }
        cell = paint(spec.model_copy(update=sizes))
        assert dice(cell_mask(cell.picture)[None], cell.cell_mask[None])[0] > 0.8
        assert nucleus_mask(cell.picture).any() == (name != "platelet")


@pytest.mark.parametrize("size", [40, 64, 120, 300])
def test_the_number_of_pixels_does_not_matter(size: int) -> None:
    for name in ("neutrophil", "lymphocyte", "platelet"):
        cell = paint(draw_spec(name, 33), size)
        assert cell_mask(cell.picture).shape == (size, size)
        # A platelet is some eight pixels wide in the smallest of them: a rim of half a pixel counts.
        assert dice(cell_mask(cell.picture)[None], cell.cell_mask[None])[0] > 0.85
        assert nucleus_mask(cell.picture).any() == (name != "platelet")


@pytest.fixture(scope="module")
def photographed() -> tuple[np.ndarray, np.ndarray]:
    if not PHOTOGRAPHS.is_dir():
        pytest.skip("the photographs are not on this machine")
    pictures, labels = [], []
    for label, folder in enumerate(sorted(path for path in PHOTOGRAPHS.iterdir() if path.is_dir())):
        for file in sorted(folder.glob("*.jpg"))[5:805:50]:
            pictures.append(_cut(file))
            labels.append(label)
    return np.stack(pictures), np.array(labels)


@pytest.mark.parametrize("change", CHANGES)
def test_altered_photographs_are_outlined_as_the_photographs_are(
    photographed: tuple[np.ndarray, np.ndarray], change: str
) -> None:
    pictures, labels = photographed
    altered = np.stack([CHANGES[change](picture) for picture in pictures])
    agreement = dice(masks(altered, cell_mask), masks(pictures, cell_mask))
    assert agreement.mean() > (0.9 if change == "rapid" else 0.95)
    empty = ~masks(altered, nucleus_mask).any(axis=(1, 2))
    # Under the stain furthest from these dyes 3 of 112 nuclei are missed (docs/quality.md).
    assert empty[labels != PLATELET].mean() <= (0.03 if change == "rapid" else 0.02)
    assert empty[labels == PLATELET].mean() > 0.6


def _cut(file: Path) -> np.ndarray:
    picture = np.asarray(Image.open(file).convert("RGB"))[81:281, 80:280]
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), (96, 96), interpolation=cv2.INTER_AREA))
