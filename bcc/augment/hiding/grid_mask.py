"""A grid of squares is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.hiding.fill import Fill, covered
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class GridMask(Augmentation):
    """Hide a square in each field of a grid whose period, place and angle are drawn."""

    name: ClassVar[str] = "grid_mask"
    title: ClassVar[str] = "GridMask"
    topic: ClassVar[Topic] = "hiding"
    about: ClassVar[str] = "Hides a regular grid of squares, so that something of every region stays."
    hurts: ClassVar[str] = "A coarse grid can hide a whole platelet."
    paper: ClassVar[str] = "Chen et al., GridMask Data Augmentation, 2020"
    neutral: ClassVar[dict[str, float]] = {"ratio": 0.0}

    ratio: float = option(
        0.6, "Side of a hidden square, as a share of the period: 0.6 hides 36 % of the image.", ge=0, le=1
    )
    smallest: float = option(0.1, "Shortest period, as a share of the shorter side.", ge=0.02, le=1)
    largest: float = option(0.4, "Longest period, as a share of the shorter side.", ge=0.02, le=1)
    turn: float = option(0.0, "Largest angle of the grid, either way.", unit="degrees", ge=0, le=45)
    fill: Fill = option("black", "What the squares are filled with; mean is the image's mean colour.")

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        height, width = tf.shape(images)[1], tf.shape(images)[2]
        draw = uniform(keys, 4, "grid mask")
        low, high = (per_image(parameters[name], images) for name in ("smallest", "largest"))
        side = tf.cast(tf.minimum(height, width), tf.float32)
        # A period of whole pixels keeps the share that is hidden as even as it can be.
        period = tf.maximum(tf.round((low + (high - low) * draw[:, 0]) * side), 2.0)
        angle = per_image(parameters["turn"], images) * (np.pi / 180) * (2 * draw[:, 3] - 1)
        down = tf.range(height, dtype=tf.float32)[None, :, None] + 0.5
        across = tf.range(width, dtype=tf.float32)[None, None, :] + 0.5
        cosine, sine = tf.cos(angle)[:, None, None], tf.sin(angle)[:, None, None]

        def within(along: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
            place = along / period[:, None, None] + start[:, None, None]
            return place - tf.floor(place) < ratio[:, None, None]

        ratio = per_image(parameters["ratio"], images)
        hidden = within(cosine * down - sine * across, draw[:, 1]) & within(
            sine * down + cosine * across, draw[:, 2]
        )
        return covered(images, hidden[..., None], parameters["fill"]), labels
