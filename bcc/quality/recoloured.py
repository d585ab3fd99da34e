"""Cells as other dyes, another lamp or another camera would show them, and as another exposure would.

The first are artificial examples of another stain, the second of the same one. Only colours matter, so a
sparse sample of an image's pixels can stand for the image.
"""

from __future__ import annotations

import numpy as np

_DARKEST = 1 / 255


def recoloured(samples: np.ndarray, seed: int) -> np.ndarray:
    """Change each image's colours in one way.

    The channels get other gains or gammas, or are mixed, as light or as optical density (the dyes' directions
    turned), or the colours get paler or stronger. Strengths begin where hardly anybody would see them.

    Args:
        samples: uint8 (N, S, S, 3) RGB.
        seed: draws everything; the same samples and seed give the same colours.

    Returns:
        uint8 (N, S, S, 3).
    """
    rng = np.random.default_rng((seed, 2))
    made = np.empty_like(samples)
    for number, image in enumerate(samples):
        light, strength = image.reshape(-1, 3).astype(np.float32) / 255, rng.uniform(0.15, 0.6)
        way = number % 5
        if way == 0:
            changed = light * np.exp(rng.normal(0, 0.5 * strength, 3))
        elif way == 1:
            changed = np.maximum(light, _DARKEST) ** np.exp(rng.normal(0, strength, 3))
        elif way == 2:
            changed = light @ _mixture(strength, rng)
        elif way == 3:
            changed = np.exp(np.log(np.maximum(light, _DARKEST)) @ _mixture(strength, rng))
        else:
            grey = light.mean(axis=1, keepdims=True)
            colour = rng.uniform(0, 0.6) if rng.random() < 0.5 else rng.uniform(1.5, 2.5)
            changed = grey + colour * (light - grey)
        made[number] = _as_bytes(changed).reshape(image.shape)
    return made


def exposed(samples: np.ndarray, seed: int) -> np.ndarray:
    """Take each image again, darker, lighter, steeper or through a veil; arguments as of `recoloured`."""
    rng = np.random.default_rng((seed, 3))
    made = np.empty_like(samples)
    for number, image in enumerate(samples):
        light, way = image.astype(np.float32) / 255, number % 4
        if way == 0:
            changed = light * rng.uniform(0.15, 0.9)
        elif way == 1:
            changed = light ** np.exp(rng.uniform(-1.4, 1.4))
        elif way == 2:
            changed = 1 - (1 - light) * rng.uniform(0.15, 0.8)
        else:
            changed = light * rng.uniform(1.05, 2)
        made[number] = _as_bytes(changed)
    return made


def _mixture(strength: float, rng: np.random.Generator) -> np.ndarray:
    """Each channel as a mixture of all three, float64 (3, 3), columns adding up to 1: grey stays grey."""
    mixture = np.eye(3) + rng.normal(0, 0.6 * strength, (3, 3))
    return np.asarray(mixture / mixture.sum(axis=0))


def _as_bytes(light: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(255 * light), 0, 255).astype(np.uint8))
