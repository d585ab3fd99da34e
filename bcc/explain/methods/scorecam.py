"""ScoreCAM."""

from __future__ import annotations

from typing import Any

from bcc.explain.methods.method import Method
from bcc.explain.split_model import Parts

AT_ONCE = 32
"""Masked copies of the image in one forward pass."""


class ScoreCam(Method):
    """A stage's maps, each weighted by the model's confidence when it sees the image through that map alone.

    Wang et al. 2020, https://arxiv.org/abs/1910.01279; with fewer than all channels those that vary most over
    the image count ("Faster Score-CAM", as in tf-keras-vis). It needs no gradient.

    Args:
        channels: how many; 0 takes all, one forward pass each.
    """

    name = "scorecam"
    title = "ScoreCAM"
    about = "Bright where the image, seen through the stage's maps one at a time, is still called the class."

    def __init__(self, channels: int = 10) -> None:
        self.channels = channels

    def images_at_once(self, batch_size: int) -> int:
        return 1

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        maps = tf.cast(parts.trunk(images, training=False), tf.float32)
        count = min(self.channels or parts.channels, parts.channels)
        if count < parts.channels:
            spread = tf.math.reduce_std(maps, axis=(1, 2))[0]
            maps = tf.gather(maps, tf.math.top_k(spread, count).indices, axis=-1)
        windows = tf.transpose(_windows(maps, parts.side), (3, 1, 2, 0))
        sure = [
            self._confidence(parts, images * windows[start : start + AT_ONCE], classes)
            for start in range(0, count, AT_ONCE)
        ]
        return tf.nn.relu(tf.linalg.matvec(maps, tf.concat(sure, axis=0)))

    @staticmethod
    def _confidence(parts: Parts, images: Any, classes: Any) -> Any:
        """Probability of the class in each masked copy."""
        import tensorflow as tf

        return tf.nn.softmax(parts.whole(images, training=False))[:, classes[0]]


def _windows(maps: Any, side: int) -> Any:
    """Maps (1, h, w, channels) enlarged to the image, corner on corner, and scaled to 0..1 each."""
    import tensorflow as tf

    large = tf.raw_ops.ResizeBilinear(images=maps, size=(side, side), align_corners=True)
    low = tf.reduce_min(large, axis=(1, 2), keepdims=True)
    high = tf.reduce_max(large, axis=(1, 2), keepdims=True)
    return (large - low) / (high - low + 1e-7)
