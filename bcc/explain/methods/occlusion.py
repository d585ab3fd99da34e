"""Occlusion."""

from __future__ import annotations

from typing import Any

import numpy as np

from bcc.explain.methods.method import Method
from bcc.explain.split_model import Parts

AT_ONCE = 64
"""Covered copies of the image in one forward pass."""


class Occlusion(Method):
    """How much the class loses when a square of the image is covered, square by square.

    Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901. It asks the model itself and needs no gradient,
    so that it finds what gradients miss where the model is sure: a mark in the corner that decides a class.
    The square is filled with the middle colour of the image's frame, which is what lies around a cell. What
    counts is the fall of the logarithm of the class's probability; a pixel gets the mean over all squares
    that cover it.

    Args:
        square: side of the square as a share of the image's.
        step: from one square to the next, as a share of the image's side.
    """

    name = "occlusion"
    title = "Occlusion"
    about = "Bright where covering the image takes the class away: what the model cannot do without."
    at_stage = False

    def __init__(self, square: float = 1 / 6, step: float = 1 / 12) -> None:
        self.square = square
        self.step = step

    def images_at_once(self, batch_size: int) -> int:
        return 1

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        covers = self.covers(parts.side)
        fill = _frame_colour(images, parts.side)
        before = self._log_probability(parts, images, classes)
        falls = []
        for start in range(0, len(covers), AT_ONCE):
            cover = tf.constant(covers[start : start + AT_ONCE, :, :, None])
            falls.append(before - self._log_probability(parts, images * (1 - cover) + fill * cover, classes))
        fall = tf.nn.relu(tf.concat(falls, axis=0))
        covered = tf.constant(np.maximum(covers.sum(axis=0), 1e-6))
        return tf.einsum("n,nhw->hw", fall, tf.constant(covers))[None] / covered

    def covers(self, side: int) -> np.ndarray:
        """The squares: float32 (N, side, side), 1 where one covers; together they cover every pixel."""
        size = max(round(self.square * side), 1)
        step = max(round(self.step * side), 1)
        starts = np.unique(np.append(np.arange(0, side - size, step), side - size))
        made = np.zeros((len(starts), len(starts), side, side), np.float32)
        for row, top in enumerate(starts):
            for column, left in enumerate(starts):
                made[row, column, top : top + size, left : left + size] = 1
        return made.reshape(-1, side, side)

    @staticmethod
    def _log_probability(parts: Parts, images: Any, classes: Any) -> Any:
        """Logarithm of the probability of the class in each image."""
        import tensorflow as tf

        return tf.nn.log_softmax(tf.cast(parts.whole(images, training=False), tf.float32))[:, classes[0]]


def _frame_colour(images: Any, side: int) -> Any:
    """Middle colour of the outermost pixels: float32 (1, 1, 1, 3)."""
    import tensorflow as tf

    frame = np.ones((side, side), bool)
    width = max(side // 16, 1)
    frame[width : side - width, width : side - width] = False
    places = np.flatnonzero(frame)
    pixels = tf.sort(tf.gather(tf.reshape(images[0], (-1, 3)), places), axis=0)
    return pixels[len(places) // 2][None, None, None]
