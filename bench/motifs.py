"""Images that are no cells: cartoons, scenes, text, plain colours, noise; each drawn afresh."""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 96
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = rng.integers(0, 256, 3)
    return int(red), int(green), int(blue)


def cartoon(rng: np.random.Generator) -> np.ndarray:
    """A face or a few shapes in flat colours."""
    canvas = np.empty((SIDE, SIDE, 3), np.uint8)
    canvas[:] = _colour(rng)
    if rng.random() < 0.5:
        x, y = (int(rng.integers(38, 58)) for _ in range(2))
        axes = (int(rng.integers(20, 36)), int(rng.integers(20, 36)))
        cv2.ellipse(canvas, (x, y), axes, 0, 0, 360, _colour(rng), cv2.FILLED)
        cv2.ellipse(canvas, (x, y), axes, 0, 0, 360, (0, 0, 0), 2)
        for side in (-1, 1):
            cv2.circle(canvas, (x + side * axes[0] // 3, y - axes[1] // 4), 5, (255, 255, 255), cv2.FILLED)
            cv2.circle(canvas, (x + side * axes[0] // 3, y - axes[1] // 4), 2, (0, 0, 0), cv2.FILLED)
        cv2.ellipse(canvas, (x, y + axes[1] // 3), (axes[0] // 2, 6), 0, 10, 170, (0, 0, 0), 2)
        return canvas
    for _ in range(int(rng.integers(3, 7))):
        points = rng.integers(0, SIDE, (int(rng.integers(3, 6)), 2)).astype(np.int32)
        if rng.random() < 0.5:
            cv2.fillPoly(canvas, [points], _colour(rng))
        else:
            cv2.circle(canvas, tuple(int(v) for v in points[0]), int(rng.integers(6, 28)), _colour(rng), -1)
    return canvas


def other_image(rng: np.random.Generator) -> np.ndarray:
    """Something like a photograph: a sky and hills, a texture, a street of boxes."""
    sort = rng.integers(3)
    across = np.linspace(0, 1, SIDE)
    first, second, third = (rng.uniform(0, 255, 3) for _ in range(3))
    if sort == 0:
        canvas = first + (second - first) * across[:, None, None] * np.ones((1, SIDE, 1))
        line = 45 + 14 * np.sin(across * rng.uniform(3, 12) + rng.uniform(0, 6)) + rng.normal(0, 2, SIDE)
        canvas[np.arange(SIDE)[:, None] > line[None]] = third
        canvas += cv2.GaussianBlur(rng.normal(0, 40, (SIDE, SIDE)), (0, 0), 1.5)[..., None]
    elif sort == 1:
        field = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), rng.uniform(1.5, 6))
        field = (field - field.min()) / np.ptp(field)
        canvas = first + (second - first) * field[..., None]
    else:
        canvas = np.full((SIDE, SIDE, 3), 1.0) * first
        for _ in range(9):
            x, y = rng.integers(0, 80, 2)
            canvas[y : y + rng.integers(8, 60), x : x + rng.integers(8, 30)] = rng.uniform(0, 255, 3)
        canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 1.2)) + rng.normal(0, 6, canvas.shape)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def text_over(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A word or two written over the cell."""
    made = np.ascontiguousarray(cell)
    colour = [(0, 0, 0), (255, 255, 255), (255, 0, 0), _colour(rng)][rng.integers(4)]
    for line in range(int(rng.integers(1, 4))):
        word = "".join(rng.choice(list("ABCDEFGHKLMNPRSTUXabdefghknprstuxz0123456789"), 6))
        place = (int(rng.integers(2, 14)), int(26 + 24 * line + rng.integers(0, 8)))
        thick = int(rng.integers(1, 3))
        size = rng.uniform(0.55, 0.9)
        cv2.putText(made, word, place, FONTS[rng.integers(3)], size, colour, thick, cv2.LINE_AA)
    return made, "text"


def plain(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """One colour, now and then with a little grain."""
    made = np.empty_like(cell)
    made[:] = _colour(rng)
    if rng.random() < 0.3:
        made = np.clip(made + rng.normal(0, 1.0, made.shape), 0, 255).astype(np.uint8)
    return made, "plain"


def noise(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Noise alone, or a cell drowned in it."""
    sort = ("uniform", "gauss", "grey", "drowned", "smooth")[rng.integers(5)]
    if sort == "uniform":
        return rng.integers(0, 256, cell.shape, dtype=np.uint8), sort
    if sort == "gauss":
        made = rng.uniform(60, 200, 3) + rng.normal(0, rng.uniform(20, 60), cell.shape)
    elif sort == "grey":
        made = np.repeat(rng.normal(128, rng.uniform(20, 60), (*cell.shape[:2], 1)), 3, axis=2)
    elif sort == "drowned":
        made = 0.3 * cell + 90 + rng.normal(0, 60, cell.shape)
    else:
        made = 128 + 60 * cv2.GaussianBlur(rng.normal(0, 2, cell.shape), (0, 0), 1.0)
    return np.clip(made, 0, 255).astype(np.uint8), sort
