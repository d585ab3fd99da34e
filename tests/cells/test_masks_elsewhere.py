"""Masks where the smear, the camera or the magnification is another: limits come from the image."""

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
from bcc.paths import PROJECT

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

    def change(image: np.ndarray) -> np.ndarray:
        density = np.log((GLASS + 1) / (image + 1.0)) @ mixing
        return np.clip(np.rint((np.array(glass) + 1) * np.exp(-density) - 1), 0, 255).astype(np.uint8)

    return change


def hue_turned(degrees: int) -> Change:
    """Another white balance or camera: every hue turned, towards blue below 0."""

    def change(image: np.ndarray) -> np.ndarray:
        hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).astype(int)
        hsv[..., 0] = (hsv[..., 0] + degrees // 2) % 180
        return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB))

    return change


def mixed_with_white(image: np.ndarray) -> np.ndarray:
    """Half the image, half white: stray light."""
    return np.rint(0.5 * image + 127.5).astype(np.uint8)


def soft(image: np.ndarray) -> np.ndarray:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2))


RAPID = np.array([[0.80, 0.55, 0.22], [0.35, 0.90, 0.25], [0.25, 0.55, 0.80]])
CHANGES: dict[str, Change] = {
    "as it is": lambda image: image,
    "half as dense": restained((0.5, 0.5, 0.5)),
    "a third as dense": restained((0.3, 0.3, 0.3)),
    "dark": restained((1.6, 1.6, 1.6)),
    "bluer azure": restained(dyes=np.array([[0.85, 0.45, 0.20], *DYES[1:]])),
    "redder azure": restained(dyes=np.array([[0.55, 0.75, 0.35], [0.25, 0.95, 0.20], DYES[2]])),
    "peach": restained(glass=(255, 228, 202)),
    "lilac": restained(glass=(228, 218, 228)),
    "mixed with white": mixed_with_white,
    "hue towards red": hue_turned(20),
    "hue towards blue": hue_turned(-20),
    "soft": soft,
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
    images = np.stack([CHANGES[change](cell.image) for cell in cells])
    whole = dice(masks(images, cell_mask), np.stack([cell.cell_mask for cell in cells]))
    # With the hue turned towards blue red cells are nearer to cytoplasm, and hang on.
    assert whole.mean() > (0.9 if change == "hue towards blue" else 0.92)
    assert min(whole[labels == label].mean() for label in range(8)) > 0.8
    found = masks(images, nucleus_mask)
    empty = ~found.any(axis=(1, 2))
    assert empty[labels != PLATELET].mean() <= (0.03 if change == "hue towards blue" else 0)
    assert empty[labels == PLATELET].all()
    nuclei = dice(found, np.stack([cell.nucleus_mask for cell in cells]))
    assert nuclei[labels != PLATELET].mean() > 0.88


@pytest.mark.parametrize("zoom", [0.65, 1.4])
def test_small_and_large_cells_are_outlined(zoom: float) -> None:
    right = []
    for name in CLASS_NAMES:
        outlined = []
        for seed in range(71, 83):
            spec = draw_spec(name, seed)
            sizes = {
                "cell_size": float(np.clip(spec.cell_size * zoom, 3, 22)),
                "red_cell_size": float(np.clip(spec.red_cell_size * zoom, 4, 10)),
            }
            cell = paint(spec.model_copy(update=sizes))
            outlined.append(dice(cell_mask(cell.image)[None], cell.cell_mask[None])[0])
            right.append(nucleus_mask(cell.image).any() == (name != "platelet"))
        assert np.mean(outlined) > 0.8
    # Of 96 two at 0.65: small red cells that lie together look like large ones.
    assert np.mean(right) > 0.97


@pytest.mark.parametrize("size", [40, 64, 120, 300])
def test_the_number_of_pixels_does_not_matter(size: int) -> None:
    for name in ("neutrophil", "lymphocyte", "platelet"):
        cell = paint(draw_spec(name, 33), size)
        assert cell_mask(cell.image).shape == (size, size)
        # A platelet is some eight pixels wide in the smallest of them: a rim of half a pixel counts.
        assert dice(cell_mask(cell.image)[None], cell.cell_mask[None])[0] > 0.85
        assert nucleus_mask(cell.image).any() == (name != "platelet")


@pytest.fixture(scope="module")
def photographed() -> tuple[np.ndarray, np.ndarray]:
    if not PHOTOGRAPHS.is_dir():
        pytest.skip("the photographs are not on this machine")
    images, labels = [], []
    for label, folder in enumerate(sorted(path for path in PHOTOGRAPHS.iterdir() if path.is_dir())):
        for file in sorted(folder.glob("*.jpg"))[5:805:50]:
            images.append(_cut(file))
            labels.append(label)
    return np.stack(images), np.array(labels)


@pytest.mark.parametrize("change", CHANGES)
def test_altered_photographs_are_outlined_as_the_photographs_are(
    photographed: tuple[np.ndarray, np.ndarray], change: str
) -> None:
    images, labels = photographed
    altered = np.stack([CHANGES[change](image) for image in images])
    agreement = dice(masks(altered, cell_mask), masks(images, cell_mask))
    assert agreement.mean() > (0.9 if change == "rapid" else 0.95)
    empty = ~masks(altered, nucleus_mask).any(axis=(1, 2))
    # Under the stain furthest from these dyes 3 of 112 nuclei are missed (docs/quality.md).
    assert empty[labels != PLATELET].mean() <= (0.03 if change == "rapid" else 0.02)
    assert empty[labels == PLATELET].mean() > 0.85


def test_over_all_alterations_no_class_of_photographs_loses_more_than_two_nuclei_in_a_hundred(
    photographed: tuple[np.ndarray, np.ndarray],
) -> None:
    images, labels = photographed
    empty = np.stack(
        [
            ~masks(np.stack([change(image) for image in images]), nucleus_mask).any(axis=(1, 2))
            for change in CHANGES.values()
        ]
    )
    missed = [float(empty[:, labels == label].mean()) for label in range(8)]
    assert max(missed[:PLATELET]) <= 0.02
    assert missed[PLATELET] > 0.95


def _cut(file: Path) -> np.ndarray:
    image = np.asarray(Image.open(file).convert("RGB"))[81:281, 80:280]
    return np.asarray(cv2.resize(np.ascontiguousarray(image), (96, 96), interpolation=cv2.INTER_AREA))
