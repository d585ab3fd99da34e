"""Deletion and insertion: whether the model needs the pixels that a map marks.

Petsiuk et al. 2018, https://arxiv.org/abs/1806.07421. Deletion paints over the hottest pixels first, in the
mean colour of the image: the sooner the model loses its class, the smaller the area, the better the map.
Insertion begins with a blurred image and brings the hottest pixels back first: the larger the area, the
better.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]
"""uint8 (N, side, side, 3) -> probabilities (N, classes)."""

STEPS = 10
"""Shares of the image at which the model is asked: 0, 10 %, ... 100 %."""

BLUR = 1 / 8
"""Spread of the blur that insertion begins with, as a share of the image's side."""


class Faithfulness:
    """Deletion and insertion for some images; what is the same for every map is asked once.

    Args:
        predict: the model.
        images: uint8 (N, side, side, 3), as the model sees them.
        classes: int (N,), whose probability is followed.
        seed: breaks ties: places that are as hot as each other go in random order.
    """

    def __init__(self, predict: Predict, images: np.ndarray, classes: np.ndarray, seed: int = 0) -> None:
        self._predict, self._images, self._classes = predict, images, np.asarray(classes, np.int64)
        mean = images.mean(axis=(1, 2), keepdims=True).round().astype(np.uint8)
        self._empty = np.broadcast_to(mean, images.shape)
        spread = BLUR * images.shape[1]
        self._blurred = np.stack([cv2.GaussianBlur(one, (0, 0), spread) for one in images])
        self._ties = np.random.default_rng(seed).random(images.shape[:3])
        self._whole, self._gone, self._vague = (
            self._ask(some) for some in (images, self._empty, self._blurred)
        )

    def __call__(self, maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Areas under the two curves.

        Args:
            maps: float (N, side, side).

        Returns:
            Deletion and insertion, float64 (N,), 0..1 each.
        """
        ranks = self._ranks(maps)
        pixels = ranks[0].size
        deletion, insertion = [self._whole], [self._vague]
        for step in range(1, STEPS):
            hottest = (ranks < step / STEPS * pixels)[..., None]
            deletion.append(self._ask(np.where(hottest, self._empty, self._images)))
            insertion.append(self._ask(np.where(hottest, self._images, self._blurred)))
        deletion.append(self._gone)
        insertion.append(self._whole)
        return _area(deletion), _area(insertion)

    def _ranks(self, maps: np.ndarray) -> np.ndarray:
        """0 for the hottest place of each map, and so on: int64 (N, side, side)."""
        flat, ties = maps.reshape(len(maps), -1), self._ties.reshape(len(maps), -1)
        order = np.lexsort((ties, -flat), axis=1)
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(order.shape[1])[None], axis=1)
        return ranks.reshape(maps.shape)

    def _ask(self, images: np.ndarray) -> np.ndarray:
        said = self._predict(images)
        return said[np.arange(len(said)), self._classes].astype(np.float64)


def _area(curve: list[np.ndarray]) -> np.ndarray:
    """Under values at even steps from 0 to 1, a row a step."""
    return np.asarray(np.trapezoid(np.stack(curve), dx=1 / STEPS, axis=0))
