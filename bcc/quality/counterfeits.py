"""Synthetic images that are certainly not cells, as negative examples for a model.

What a stray image will look like is unknown beforehand, so these are as general as possible: dead leaves
(overlapping shapes of any size and colour, which have the statistics of photographs and drawings alike; Lee,
Mumford and Huang, "Occlusion models for natural images", IJCV 2001), clouds, noise, strokes. They stand alone
or are laid over real cells, half transparent. Learning from such artificial outliers is known as outlier
exposure (Hendrycks, Mazeika and Dietterich, ICLR 2019). Others are made of the set's own cells: redrawn in
flat colours, cut and put together, set into one another.
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.cells.features import SIDE


def counterfeits(cells: np.ndarray, seed: int) -> np.ndarray:
    """Make one counterfeit out of each cell.

    Args:
        cells: uint8 (N, 96, 96, 3) RGB.
        seed: draws everything; the same cells and seed give the same images.

    Returns:
        uint8 (N, 96, 96, 3).
    """
    made = np.empty_like(cells)
    for number, cell in enumerate(cells):
        rng = np.random.default_rng((seed, number))
        another = turned(cells[int(rng.integers(len(cells)))], rng)
        way = number % 17
        if way < 4:
            share = rng.uniform(0.33, 0.67)
            over = (leaves, clouds)[int(rng.random() < 0.35)](rng)
            mixed = share * over + (1 - share) * cell
        elif way == 4:
            share = rng.uniform(0.4, 0.6)
            mixed = share * another + (1 - share) * cell
        elif way < 7:
            mixed = strokes(cell, rng).astype(float)
        elif way == 7:
            mixed = static(cell, rng)
        elif way == 8 or (way == 9 and rng.random() < 0.4):
            mixed = leaves(rng).astype(float)
        elif way == 9 and rng.random() < 0.5:
            mixed = clouds(rng).astype(float)
        elif way == 9:
            mixed = rng.uniform(0, 255, 3) + rng.normal(0, rng.uniform(0, 2), cell.shape)
        elif way < 12:
            mixed = drawn(cell, rng).astype(float)
        elif way == 12:
            mixed = parted(cell, another, rng).astype(float)
        elif way == 13:
            others = [turned(cells[int(rng.integers(len(cells)))], rng) for _ in range(9)]
            mixed = collage(others, rng).astype(float)
        elif way == 14:
            mixed = inset(cell, another if rng.random() < 0.6 else leaves(rng), rng).astype(float)
        elif way == 15:
            mixed = overlaid(cell, another, rng)
        else:
            share = rng.uniform(0.33, 0.67)
            mixed = share * another + (1 - share) * cell
        made[number] = np.clip(np.rint(mixed), 0, 255)
    return made


def turned(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of the eight turns and mirrors."""
    image = np.rot90(image, int(rng.integers(4)))
    return image[::-1] if rng.random() < 0.5 else image


def leaves(rng: np.random.Generator) -> np.ndarray:
    """Shapes over one another, uint8 (96, 96, 3); few and large or many and small."""
    canvas = np.empty((SIDE, SIDE, 3), np.uint8)
    base, spread = rng.uniform(0, 255, 3), rng.uniform(20, 150)
    canvas[:] = np.clip(base + rng.normal(0, spread, 3), 0, 255)
    for _ in range(int(2 ** rng.uniform(1.0, 6.5))):
        colour = np.clip(base + rng.normal(0, spread, 3), 0, 255).tolist()
        # Sizes fall with their cube, as those of things seen from any distance.
        size = min(60.0, 4 / np.sqrt(rng.uniform(0.005, 1)))
        x, y = rng.uniform(-8, SIDE + 8, 2)
        if rng.random() < 0.5:
            axes = (int(size * rng.uniform(0.4, 1)) + 1, int(size * rng.uniform(0.4, 1)) + 1)
            fill = cv2.FILLED if rng.random() < 0.8 else int(rng.integers(1, 4))
            cv2.ellipse(
                canvas, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, colour, fill, cv2.LINE_AA
            )
        else:
            corners = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 6))))
            ring = np.stack([x + size * np.cos(corners), y + size * np.sin(corners)], axis=1)
            cv2.fillPoly(canvas, [ring.astype(np.int32)], colour, cv2.LINE_AA)
    if rng.random() < 0.5:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 2)))
    return canvas


def clouds(rng: np.random.Generator) -> np.ndarray:
    """Smooth fields of two or three colours, uint8 (96, 96, 3)."""
    canvas = np.broadcast_to(rng.uniform(0, 255, 3), (SIDE, SIDE, 3)).copy()
    for _ in range(int(rng.integers(1, 3))):
        coarse = rng.uniform(0, 1, (int(rng.integers(2, 14)),) * 2).astype(np.float32)
        share = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)[..., None]
        canvas += share * (rng.uniform(0, 255, 3) - canvas)
    return np.clip(canvas + rng.normal(0, rng.uniform(0, 8), canvas.shape), 0, 255).astype(np.uint8)


def strokes(cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pen strokes over a cell, as of writing, arrows, labels and watermarks, uint8 (96, 96, 3)."""
    made = np.array(cell)
    colour = [[0, 0, 0], [255, 255, 255], rng.integers(0, 256, 3).tolist()][int(rng.integers(3))]
    thick = int(rng.integers(1, 4))
    height = rng.uniform(8, 22)
    if rng.random() < 0.2:
        x, y = (int(value) for value in rng.integers(0, 70, 2))
        right = x + int(rng.integers(30, 90))
        paper = [255, 255, 255] if sum(colour) < 380 else [0, 0, 0]
        cv2.rectangle(made, (x, y), (right, y + int(height)), paper, cv2.FILLED)
    for _ in range(int(rng.integers(1, 4))):
        left, base = rng.uniform(2, 20), rng.uniform(14, 90)
        slope = rng.uniform(-0.9, 0.9) if rng.random() < 0.25 else 0.0
        for letter in range(int(rng.integers(3, 9))):
            corner = np.array([left + letter * height * 0.75, base + letter * height * slope])
            points = corner + rng.uniform(0, 1, (int(rng.integers(3, 6)), 2)) * (height * 0.6, -height)
            cv2.polylines(made, [points.astype(np.int32)], rng.random() < 0.3, colour, thick, cv2.LINE_AA)
    share = rng.uniform(0.5, 0.9) if rng.random() < 0.25 else 1.0
    return np.rint(share * made + (1 - share) * cell).astype(np.uint8)


def static(cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise, grey or coloured, fine or coarse, alone or over a cell, float (96, 96, 3)."""
    side = int(SIDE / rng.choice([1, 1, 1.5, 3]))
    grain = rng.normal(0, 1, (side, side, 1 if rng.random() < 0.4 else 3))
    grain = np.repeat(grain, 3, axis=2) if grain.shape[2] == 1 else grain
    grain = cv2.resize(grain, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) * rng.uniform(15, 90)
    below = cell * rng.uniform(0.2, 1) if rng.random() < 0.4 else np.full(3, 1.0) * rng.uniform(40, 220)
    return np.asarray(below + grain)


def drawn(cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A cell redrawn: in few flat colours, smoothed into patches, or as its outlines, uint8 (96, 96, 3)."""
    way = int(rng.integers(5))
    if way == 4:
        return sketched(cell, rng)
    if way == 0:
        step = 256 / rng.uniform(2, 5)
        return np.asarray(
            np.clip((np.floor(cell / step) + rng.choice([0, 0.5])) * step, 0, 255).astype(np.uint8)
        )
    if way == 1:
        return _in_few_colours(cell, rng)
    edges = cv2.Canny(cell, 60, 160)
    if way == 2:
        lines = cv2.dilate(edges, np.ones((2, 2), np.uint8)) if rng.random() < 0.4 else edges
        below = np.full_like(cell, 255) if rng.random() < 0.5 else _in_few_colours(cell, rng)
        return np.where(lines[..., None] > 0, rng.choice([0, 0, 255]), below).astype(np.uint8)
    smooth = cell
    for _ in range(int(rng.integers(3, 7))):
        smooth = np.asarray(cv2.bilateralFilter(smooth, 9, rng.uniform(30, 60), 7))
    return smooth if rng.random() < 0.5 else np.where(edges[..., None] > 0, smooth // 2, smooth)


def sketched(cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What is left of a cell when its slow changes are taken away: pencil, contour, relief, uint8."""
    slope = cell.astype(np.float32)
    if rng.random() < 0.5:
        slope = np.repeat(slope.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.4:
        move = np.array([[1, 0, rng.uniform(-1.5, 1.5)], [0, 1, rng.uniform(-1.5, 1.5)]])
        away = cv2.warpAffine(slope, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
        made = 128 + rng.uniform(0.8, 3) * (slope - away)
    else:
        lines = slope - cv2.GaussianBlur(slope, (0, 0), rng.uniform(0.8, 4))
        lines = np.abs(lines) if rng.random() < 0.4 else np.maximum(-lines, 0)
        made = 255 - rng.uniform(1, 5) * lines
    return np.asarray(np.clip(made, 0, 255).astype(np.uint8))


def _in_few_colours(cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each pixel in the nearest of a few colours of the image; those may be exchanged for others."""
    pixels = cell.reshape(-1, 3).astype(np.float32)
    order = np.argsort(pixels.sum(axis=1), kind="stable")
    parts = int(rng.integers(3, 8))
    colours = np.stack([pixels[part].mean(axis=0) for part in np.array_split(order, parts)])
    nearest = ((pixels[:, None] - colours[None]) ** 2).sum(axis=2).argmin(axis=1)
    if rng.random() < 0.3:
        colours = rng.uniform(0, 255, colours.shape)
    return np.asarray(colours[nearest].reshape(cell.shape).astype(np.uint8))


def parted(cell: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One image on one side of a line and another beyond it, uint8 (96, 96, 3)."""
    down, across = np.mgrid[:SIDE, :SIDE]
    way = int(rng.integers(4))
    place = SIDE // 2 if rng.random() < 0.6 else int(rng.integers(SIDE // 4, SIDE * 3 // 4))
    if way < 3:
        beyond = (across if way else down) >= place
    else:
        beyond = across + down >= SIDE + int(rng.integers(-2, 3))
    beyond = beyond[:, ::-1] if rng.random() < 0.5 else beyond
    return np.where(beyond[..., None], other, cell).astype(np.uint8)


def overlaid(cell: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two images as two slides in one projector, or one thrown on the other, float (96, 96, 3)."""
    below, above = cell / 255.0, other / 255.0
    darker = rng.random() < 0.5
    return np.asarray(255 * (below * above if darker else 1 - (1 - below) * (1 - above)))


def collage(images: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Four or nine images in a grid, whole and small or cut out, uint8 (96, 96, 3)."""
    cut = rng.random() < 0.35
    side = SIDE // (2 if cut or rng.random() < 0.6 else 3)
    made = np.empty_like(images[0])
    corners = [(y, x) for y in range(0, SIDE, side) for x in range(0, SIDE, side)]
    for (y, x), image in zip(corners, images, strict=False):
        part = image[y : y + side, x : x + side]
        made[y : y + side, x : x + side] = part if cut else _shrunk(image, side)
    return made


def inset(cell: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smaller image set into a cell, uint8 (96, 96, 3)."""
    side = int(rng.integers(26, 60))
    y, x = (int(value) for value in rng.integers(0, SIDE - side + 1, 2))
    made = np.array(cell)
    made[y : y + side, x : x + side] = _shrunk(other, side)
    return made


def _shrunk(image: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(cv2.resize(np.ascontiguousarray(image), (side, side), interpolation=cv2.INTER_AREA))
