"""How common an image's colours are in its dataset, and which dyes they indicate.

Stained smears use a small part of all colours. A colour that occurs in hardly any other image is a strong
hint at something else: ink, a drawing, another lamp.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from bcc.quality.measures import Measures
from bcc.quality.robust import Usual

LEVELS = 16
"""Steps a channel is cut into."""
RARE = (0.0005, 0.002, 0.01, 0.03, 0.1)
"""Shares of all images below which a colour counts as rare."""
_BANDS = (0.01, 0.06, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0)
"""Shares of the pixels, from the darkest on, at which bands of brightness begin and end."""
LIGHT_RATIOS = (("red to green", 0, 1), ("blue to green", 2, 1), ("red to blue", 0, 2))
"""Ratios of channels: name, upper and lower."""
LIGHT_FLOOR = 0.005
"""Smallest spread of the logarithm of such a ratio."""
STAIN_COLUMNS = (
    "background_red_green",
    "background_blue_green",
    "foreground_red",
    "foreground_blue",
    "nucleus_red",
    "nucleus_blue",
)


def colour_numbers(samples: np.ndarray) -> np.ndarray:
    """Number the colours: uint8 (N, S, S, 3) -> int16 (N, S*S), 0..4095."""
    step = 256 // LEVELS
    red, green, blue = (samples[..., channel].astype(np.int16) // step for channel in range(3))
    numbers: np.ndarray = ((red * LEVELS + green) * LEVELS + blue).reshape(len(samples), -1)
    return numbers


def images_with(numbers: np.ndarray) -> np.ndarray:
    """In how many images each colour occurs: int16 (N, P) -> int64 (4096,)."""
    ordered = np.sort(numbers, axis=1)
    fresh = np.ones(ordered.shape, bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    return np.bincount(ordered[fresh], minlength=LEVELS**3)


def rarity(numbers: np.ndarray, occurrences: np.ndarray, images: int, own: bool) -> np.ndarray:
    """How much of each image has rare colours.

    Args:
        numbers: int16 (N, P), from `colour_numbers`.
        occurrences: from `images_with`.
        images: how many images those were counted in.
        own: whether these images were among them; an image's own colours do not speak for it.

    Returns:
        float32 (N, 6): the share of pixels with colours rarer than each of `RARE`, and the mean logarithm
        of how common the colours are.
    """
    others = np.maximum(occurrences - int(own), 0)
    limits = np.array([share * images for share in RARE])
    # Small tables looked up per pixel, instead of arithmetic on every pixel.
    below = (others[:, None] <= limits[None]).astype(np.float32)
    common = np.log((others + 1) / max(images, 1)).astype(np.float32)
    columns = [below[numbers, place].mean(axis=1) for place in range(len(RARE))]
    return np.stack([*columns, common[numbers].mean(axis=1)], axis=1)


def background_light(samples: np.ndarray) -> np.ndarray:
    """The colour of the light that comes through where nothing lies: medians of the lightest fifth.

    Args:
        samples: uint8 (N, S, S, 3) RGB.

    Returns:
        float64 (N, 3), 0..255.
    """
    pixels = samples.reshape(len(samples), -1, 3)
    darker = pixels.shape[1] * 4 // 5
    order = np.argpartition(pixels.sum(axis=2, dtype=np.int16), darker, axis=1)[:, darker:]
    lightest = np.take_along_axis(pixels, order[..., None], axis=1)
    return np.asarray(np.median(lightest, axis=1).astype(np.float64))


def light_deviations(light: np.ndarray) -> np.ndarray:
    """How far the light of each image's background leans from what is usual in the set, in spreads.

    The background knows no class, so all images are compared with one another; what lies on it, and how
    bright the lamp was, do not matter.

    Args:
        light: float64 (N, 3), from `background_light`.

    Returns:
        float64 (N, 3), see `LIGHT_RATIOS`.
    """
    channels = np.log(light + 1)
    ratios = np.stack([channels[:, one] - channels[:, other] for _, one, other in LIGHT_RATIOS], axis=1)
    # One grey level is a large step of a ratio where the background is dark.
    step = 1 / (light.min(axis=1) + 1)
    every = np.zeros(len(light), np.int64)
    usual = [Usual.of(column, every) for column in ratios.T]
    spread = np.array([one.spread[0] for one in usual])
    middle = np.array([one.middle[0] for one in usual])
    deviations: np.ndarray = (ratios - middle) / np.maximum(np.maximum(spread, LIGHT_FLOOR), step[:, None])
    return deviations


def stain_numbers(measures: Measures) -> np.ndarray:
    """Which way background, foreground and the darkest parts lean, whatever the exposure.

    The background by ratios of its channels; what lies on it by the direction of its optical density,
    which belongs to the dye and not to its amount (Beer-Lambert).

    Returns:
        float64 (N, 6), see `STAIN_COLUMNS`.
    """
    background = _rgb(measures, "background")
    foreground = _rgb(measures, "foreground")
    pixels = measures.samples.reshape(len(measures.samples), -1, 3)
    few, some = pixels.shape[1] // 32, pixels.shape[1] // 8
    order = np.argpartition(pixels[..., 1], (few, some), axis=1)[:, few:some]
    nucleus = np.take_along_axis(pixels, order[..., None], axis=1).mean(axis=1)
    lamp = np.log(background + 4)
    columns = [lamp[:, 0] - lamp[:, 1], lamp[:, 2] - lamp[:, 1]]
    for part in (foreground, nucleus):
        density = lamp - np.log(part + 4)
        # A twentieth keeps an image without anything on it from pointing anywhere.
        amount = np.abs(density).sum(axis=1) + 0.05
        columns += [density[:, 0] / amount, density[:, 2] / amount]
    return np.stack(columns, axis=1)


def band_numbers(samples: np.ndarray) -> np.ndarray:
    """The colours of each image from its darkest pixels to its brightest.

    Args:
        samples: uint8 (N, S, S, 3) RGB; every second row and column is looked at.

    Returns:
        float32 (N, 26): how the brightest band leans, how the optical density of the four darkest ones leans
        against it, the colours of three bands and how strong the colours of all seven are.
    """
    pixels = samples[:, ::2, ::2].reshape(len(samples), -1, 3)
    order = np.argsort(pixels.sum(axis=2, dtype=np.int16), axis=1)
    pixels = np.take_along_axis(pixels, order[..., None], axis=1)
    edges = [int(share * pixels.shape[1]) for share in _BANDS]
    parts = [pixels[:, start:end].mean(axis=1, dtype=np.float32) for start, end in pairwise(edges)]
    bands = np.stack(parts, axis=1)
    light = np.log(bands + 4)
    density = light[:, -1:] - light
    leaning = density[..., [0, 2]] / (np.abs(density).sum(axis=2, keepdims=True) + 0.05)
    columns = [
        light[:, -1, [0, 2]] - light[:, -1, 1:2],
        leaning[:, :4].reshape(len(bands), -1),
        bands[:, ::3].reshape(len(bands), -1) / 255,
        (bands.max(axis=2) - bands.min(axis=2)) / 255,
    ]
    return np.concatenate(columns, axis=1)


def _rgb(measures: Measures, part: str) -> np.ndarray:
    return np.stack([measures[f"{part}_{channel}"] for channel in ("red", "green", "blue")], axis=1).astype(
        float
    )
