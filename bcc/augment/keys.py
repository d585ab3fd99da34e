"""Stateless randomness: every draw about a picture derives from (seed, epoch, row).

Nothing here has hidden state, so that parallel maps, a resumed run and two browsers at once all give
the same pictures.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf


def picture_keys(seed: int, epoch: int | np.ndarray, rows: np.ndarray) -> np.ndarray:
    """One key a picture.

    Args:
        seed: of the run.
        epoch: counted from 0; one for all, or one a row.
        rows: int (N,), rows of the data set.

    Returns:
        int32 (N, 2), well mixed: neighbouring seeds, epochs and rows share nothing.
    """
    rows = np.asarray(rows, np.uint64)
    mixed = _mix(np.full(rows.shape, seed, np.uint64))
    mixed = _mix(mixed ^ np.asarray(epoch, np.uint64))
    mixed = _mix(mixed ^ rows)
    return np.ascontiguousarray(mixed).view(np.int32).reshape(-1, 2)


def _mix(values: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser (Steele et al. 2014): every input bit reaches every output bit."""
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return values ^ (values >> np.uint64(31))


def uniform(keys: tf.Tensor, count: int, name: str) -> tf.Tensor:
    """Independent draws for each picture.

    Args:
        keys: int32 (N, 2) from `picture_keys`.
        count: draws a picture.
        name: of what asks; two steps of a recipe with the same keys draw apart by it.

    Returns:
        float32 (N, count), uniform in [0, 1).
    """
    import tensorflow as tf

    salt = zlib.crc32(name.encode()) & 0x7FFFFFFF
    salted = tf.bitwise.bitwise_xor(keys, tf.constant([salt, 0], tf.int32))
    return tf.map_fn(
        lambda key: tf.random.stateless_uniform((count,), key), salted, fn_output_signature=tf.float32
    )
