"""Stateless randomness: every draw about an image derives from (seed, epoch, row).

Nothing here has hidden state, so that parallel maps, a resumed run and two simultaneous browsers all give
the same images. Keys are mixed by SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
generators", 2014); an image's draws come from `tf.random.stateless_*` with its own key as the seed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

_GAMMA, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def image_keys(seed: int, epoch: int | np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return one key per image.

    Args:
        seed: of the run.
        epoch: counted from 0; one for all, or one a row.
        rows: int (N,), rows of the dataset.

    Returns:
        int32 (N, 2), well mixed: neighbouring seeds, epochs and rows share nothing.
    """
    rows = np.asarray(rows, np.uint64)
    mixed = _mix(np.full(rows.shape, seed, np.uint64))
    mixed = _mix(mixed ^ np.asarray(epoch, np.uint64))
    mixed = _mix(mixed ^ rows)
    return np.ascontiguousarray(mixed).view(np.int32).reshape(-1, 2)


def _mix(values: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser: every input bit reaches every output bit."""
    with np.errstate(over="ignore"):
        values = values + np.uint64(_GAMMA)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(_FIRST)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(_SECOND)
        result: np.ndarray = values ^ (values >> np.uint64(31))
        return result


def _mix_tensor(values: tf.Tensor) -> tf.Tensor:
    """`_mix` for a uint64 tensor; equal to it bit for bit."""
    import tensorflow as tf

    shift, xor = tf.bitwise.right_shift, tf.bitwise.bitwise_xor

    def constant(value: int) -> Any:
        return tf.constant(value, tf.uint64)

    values = values + constant(_GAMMA)
    values = xor(values, shift(values, constant(30))) * constant(_FIRST)
    values = xor(values, shift(values, constant(27))) * constant(_SECOND)
    return xor(values, shift(values, constant(31)))


def _salt(name: str) -> np.ndarray:
    return _mix(np.array([zlib.crc32(name.encode())], np.uint64))


def _salted(keys: tf.Tensor, name: str) -> tf.Tensor:
    """uint64 (N,): the keys, turned into states that are another one's for every name."""
    import tensorflow as tf

    return _mix_tensor(tf.bitwise.bitwise_xor(tf.bitcast(keys, tf.uint64), tf.constant(_salt(name))))


def folded(keys: tf.Tensor, name: str) -> tf.Tensor:
    """Derive separate keys for one part of the work: a step of a recipe, a branch of a policy.

    Args:
        keys: int32 (N, 2).
        name: of the part.

    Returns:
        int32 (N, 2).
    """
    import tensorflow as tf

    return tf.bitcast(_salted(keys, f"fold {name}"), tf.int32)


def uniform(keys: tf.Tensor, count: int, name: str) -> tf.Tensor:
    """Independent draws for each image.

    Args:
        keys: int32 (N, 2) from `image_keys`.
        count: draws an image.
        name: of what asks; two with the same keys draw apart by it.

    Returns:
        float32 (N, count), uniform in [0, 1).
    """
    import tensorflow as tf

    return _each(keys, name, lambda key: tf.random.stateless_uniform((count,), key))


def normal(keys: tf.Tensor, shape: Any, name: str) -> tf.Tensor:
    """Independent normal draws for each image.

    Args:
        keys: int32 (N, 2) from `image_keys`.
        shape: of one image's draws, such as (3,) or (H, W, 3); numbers or an int32 tensor.
        name: as of `uniform`.

    Returns:
        float32 (N, *shape), mean 0, standard deviation 1.
    """
    import tensorflow as tf

    return _each(keys, name, lambda key: tf.random.stateless_normal(shape, key))


def _each(keys: tf.Tensor, name: str, draw: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Draw for one key after the other: in a graph that costs less than a millisecond a batch."""
    import tensorflow as tf

    return tf.map_fn(draw, folded(keys, name), fn_output_signature=tf.float32)
