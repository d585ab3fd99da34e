"""A set with every kind of trouble in it, and the truth about each row.

Real cells go in; some of them come out blurred, dark, overpainted, mislabelled and so on, and copies are
added of others. No cell takes part in two troubles. Strengths and motifs vary from row to row, so that a
scan which passes has not learned one drawing by heart. The overpainted motifs are in `bench.motifs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from bench.motifs import cartoon, noise, other_image, plain, text_over

NEAR_SORTS = ("recompressed", "shifted", "brighter", "turned", "mirrored", "cropped")

COUNTS = {
    "repeated_composite": 60,
    "exact_duplicate": 40,
    "conflicting_duplicate": 30,
    "near_duplicate": 120,
    "composite": 60,
    "cartoon": 20,
    "text": 30,
    "plain": 20,
    "noise": 20,
    "other_stain": 40,
    "blurred": 40,
    "dark": 40,
    "light": 40,
    "low_contrast": 40,
    "low_information": 20,
}
"""How many of each; wrong labels are 2 % of the rows besides."""

WRONG_LABEL_SHARE = 0.02
Change = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, str]]


@dataclass(frozen=True)
class Planted:
    """Images, labels and what was done to them.

    Attributes:
        images: uint8 (N, H, W, 3) RGB.
        labels: int64 (N,).
        truth: a row per image: `fault` ("" for a clean one), `sort`, `of` (the row it was copied from,
            or -1) and `true_label`.
    """

    images: np.ndarray
    labels: np.ndarray
    truth: pd.DataFrame


def plant(images: np.ndarray, labels: np.ndarray, seed: int = 0, scale: float = 1.0) -> Planted:
    """Plant every kind of trouble.

    Args:
        images: uint8 (N, 96, 96, 3) RGB, distinct images; enough that a third stays clean.
        labels: int64 (N,), rightly given.
        seed: draws everything.
        scale: 0.5 plants half as many of each.
    """
    rng = np.random.default_rng(seed)
    classes = int(labels.max()) + 1
    images, true = np.array(images), np.array(labels)
    given = true.copy()
    chosen = iter(rng.permutation(len(images)).tolist())
    fault = np.full(len(images), "", object)
    sort = np.full(len(images), "", object)

    for name, change in CHANGES.items():
        for _ in range(round(COUNTS[name] * scale)):
            row = next(chosen)
            images[row], sort[row] = change(images[row], rng)
            fault[row] = name
    for _ in range(round(WRONG_LABEL_SHARE * len(images))):
        row = next(chosen)
        given[row] = (true[row] + rng.integers(1, classes)) % classes
        fault[row] = "wrong_label"

    made: list[tuple[np.ndarray, int, str, str, int]] = []
    for number in range(round(COUNTS["exact_duplicate"] * scale)):
        row = next(chosen)
        # Some are there three times.
        made += [(images[row], true[row], "exact_duplicate", "", row)] * (1 + number % 3 // 2)
    for _ in range(round(COUNTS["conflicting_duplicate"] * scale)):
        row = next(chosen)
        other = int((true[row] + rng.integers(1, classes)) % classes)
        made.append((images[row], other, "conflicting_duplicate", "", row))
    for number in range(round(COUNTS["near_duplicate"] * scale)):
        row, name = next(chosen), NEAR_SORTS[number % len(NEAR_SORTS)]
        made.append((near_copy(images[row], name, rng), true[row], "near_duplicate", name, row))
    for all_labels in (True, False):
        drawn, _ = composite(images[next(chosen)], rng)
        label = int(rng.integers(classes))
        for number in range(round(COUNTS["repeated_composite"] * scale / 2)):
            made.append(
                (drawn, number % classes if all_labels else label, "repeated_composite", str(all_labels), -1)
            )

    images = np.concatenate([images, np.stack([one[0] for one in made])])
    given = np.concatenate([given, np.array([one[1] for one in made], np.int64)])
    truth = pd.DataFrame(
        {
            "fault": np.concatenate([fault, [one[2] for one in made]]),
            "sort": np.concatenate([sort, [one[3] for one in made]]),
            "of": np.concatenate([np.full(len(true), -1), [one[4] for one in made]]).astype(np.int64),
            "true_label": np.concatenate(
                [true, [true[one[4]] if one[4] >= 0 else one[1] for one in made]]
            ).astype(np.int64),
        }
    )
    order = rng.permutation(len(images))
    place = np.argsort(order)
    truth = truth.iloc[order].reset_index(drop=True)
    truth["of"] = np.where(truth["of"] >= 0, place[truth["of"]], -1)
    return Planted(images[order], given[order].astype(np.int64), truth)


def composite(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A drawing or another image blended over the cell at 40 to 60 %."""
    share = rng.uniform(0.4, 0.6)
    name = ("cartoon", "other image")[rng.integers(2)]
    over = cartoon(rng) if name == "cartoon" else other_image(rng)
    return np.rint(share * over + (1 - share) * cell).astype(np.uint8), name


def other_stain(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Other dyes, another lamp, or another camera's colours."""
    name = ("dyes", "lamp", "camera", "grey")[rng.choice(4, p=(0.4, 0.3, 0.2, 0.1))]
    density = -np.log(np.maximum(cell, 1) / 255.0)
    if name == "dyes":
        # The dyes' directions turned, as between Giemsa, haematoxylin-eosin and a plain blue stain.
        mix = np.eye(3) + rng.uniform(-0.45, 0.45, (3, 3))
        mix = np.abs(mix) / np.abs(mix).sum(axis=1, keepdims=True)
        made = 255 * np.exp(-density @ mix.T * rng.uniform(0.8, 1.3))
    elif name == "lamp":
        made = cell * np.array([1.0, 1.0, 1.0]) * rng.permutation([rng.uniform(0.65, 0.8), 0.95, 1.15])
    elif name == "camera":
        hsv = cv2.cvtColor(cell, cv2.COLOR_RGB2HSV).astype(np.float32)
        hsv[..., 0] = (hsv[..., 0] + rng.choice([-1, 1]) * rng.uniform(12, 40)) % 180
        hsv[..., 1] *= rng.uniform(0.7, 1.4)
        made = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2RGB).astype(float)
    else:
        made = np.repeat(cell.mean(axis=2, keepdims=True), 3, axis=2)
    return np.clip(np.rint(made), 0, 255).astype(np.uint8), name


def blurred(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Out of focus, moved, or enlarged from a small image."""
    name = ("gauss", "defocus", "motion", "enlarged")[rng.integers(4)]
    if name == "gauss":
        return cv2.GaussianBlur(cell, (0, 0), rng.uniform(1.5, 3.5)), name
    if name == "enlarged":
        side = int(rng.integers(16, 33))
        small = cv2.resize(cell, (side, side), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, cell.shape[1::-1], interpolation=cv2.INTER_LINEAR), name
    length = int(rng.integers(3, 6)) * 2 + 1
    kernel = np.zeros((length, length), np.float32)
    if name == "defocus":
        cv2.circle(kernel, (length // 2, length // 2), length // 2, 1.0, cv2.FILLED)
    else:
        angle = rng.uniform(0, np.pi)
        for step in np.linspace(-length / 2 + 0.5, length / 2 - 0.5, 4 * length):
            x, y = length // 2 + step * np.cos(angle), length // 2 + step * np.sin(angle)
            kernel[int(np.clip(round(y), 0, length - 1)), int(np.clip(round(x), 0, length - 1))] = 1.0
    return cv2.filter2D(cell, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101), name


def dark(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """The lamp turned down, or a short exposure."""
    if rng.random() < 0.7:
        return np.rint(cell * rng.uniform(0.2, 0.55)).astype(np.uint8), "lamp"
    return np.rint(255 * (cell / 255.0) ** rng.uniform(2.5, 4.5)).astype(np.uint8), "gamma"


def light(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Too long an exposure, or a veil."""
    sort = ("gain", "veil", "gamma")[rng.integers(3)]
    if sort == "gain":
        made = cell * rng.uniform(1.45, 2.2) + 10
    elif sort == "veil":
        made = 255 - (255 - cell.astype(float)) * rng.uniform(0.25, 0.5)
    else:
        made = 255 * (cell / 255.0) ** rng.uniform(0.25, 0.45)
    return np.clip(np.rint(made), 0, 255).astype(np.uint8), sort


def low_contrast(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Everything near one grey or near the image's mean."""
    share = rng.uniform(0.12, 0.35)
    if rng.random() < 0.5:
        centre, sort = cell.mean(axis=(0, 1)), "mean"
    else:
        centre, sort = np.full(3, rng.uniform(110, 190)), "grey"
    return np.rint(centre + (cell - centre) * share).astype(np.uint8), sort


def low_information(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """An empty field: background only, with a gradient or a little grain; or a few flat steps."""
    sort = ("gradient", "grain", "flat")[rng.integers(3)]
    background = np.percentile(cell.reshape(-1, 3), 85, axis=0)
    if sort == "flat":
        return cv2.resize(cv2.resize(cell, (3, 3), interpolation=cv2.INTER_AREA), (96, 96)), sort
    if sort == "grain":
        made = background + rng.normal(0, rng.uniform(0.8, 2.5), cell.shape)
    else:
        slope = np.linspace(-6, 6, 96)[:, None, None] * rng.choice([-1, 1])
        made = background + np.broadcast_to(slope, cell.shape)
    return np.clip(np.rint(made), 0, 255).astype(np.uint8), sort


def near_copy(cell: np.ndarray, sort: str, rng: np.random.Generator) -> np.ndarray:
    """The same cell as another file would hold it."""
    if sort == "recompressed":
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 85))]
        decoded = cv2.imdecode(cv2.imencode(".jpg", cell[..., ::-1], quality)[1], cv2.IMREAD_COLOR)
        return np.asarray(decoded)[..., ::-1]
    if sort == "brighter":
        return np.clip(np.rint(cell * rng.uniform(1.06, 1.2) + rng.uniform(0, 8)), 0, 255).astype(np.uint8)
    if sort == "turned":
        return np.rot90(cell, int(rng.integers(1, 4)))
    if sort == "mirrored":
        return cell[:, ::-1] if rng.random() < 0.5 else cell[::-1]
    if sort == "shifted":
        across, down = rng.choice([-1, 1], 2) * rng.integers(1, 6, 2)
        border = (cv2.BORDER_REFLECT_101, cv2.BORDER_REPLICATE, cv2.BORDER_WRAP)[rng.integers(3)]
        move = np.array([[1.0, 0, across], [0, 1.0, down]])
        return np.asarray(cv2.warpAffine(cell, move, cell.shape[1::-1], borderMode=border))
    top, left, bottom, right = rng.integers(1, 5, 4)
    height, width = cell.shape[:2]
    return np.asarray(cv2.resize(cell[top : height - bottom, left : width - right], (width, height)))


CHANGES: dict[str, Change] = {
    "composite": composite,
    "cartoon": lambda cell, rng: (cartoon(rng), ""),
    "text": text_over,
    "plain": plain,
    "noise": noise,
    "other_stain": other_stain,
    "blurred": blurred,
    "dark": dark,
    "light": light,
    "low_contrast": low_contrast,
    "low_information": low_information,
}
