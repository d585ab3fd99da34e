"""Only the cell is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image, rows_of
from bcc.augment.drawn import happens
from bcc.augment.hiding.fill import Fill, covered
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class CellOnly(Augmentation):
    """Hide all but the cell in the middle, as `bcc.cells.masks` finds it."""

    name: ClassVar[str] = "cell_only"
    title: ClassVar[str] = "Keep only the cell"
    topic: ClassVar[Topic] = "hiding"
    about: ClassVar[str] = "Hides all but the cell in the middle: red cells, neighbours and glass."
    hurts: ClassVar[str] = (
        "Where the mask misses a part, that part is lost; an image where no cell is found stays as it is."
    )
    neutral: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = option(1.0, "Chance that everything but the cell is hidden.", ge=0, le=1)
    fill: Fill = option("white", "What is put around the cell; mean is the image's mean colour.")
    margin: float = option(0.02, "Rim that is kept around the cell, as a share of the image.", ge=0, le=0.5)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        chosen = happens(parameters["probability"], images, keys, "cell only")

        def alone(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            margin, fill = rows_of([parameters["margin"], parameters["fill"]], rows)
            margin = per_image(margin, part)
            hidden = tf.numpy_function(_outside, [part, margin], tf.bool)
            return covered(part, tf.ensure_shape(hidden, [*part.shape[:3], 1]), fill)

        return change_some(chosen, images, alone), labels


def _outside(images: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Where the cell is not: bool (N, H, W, 1); nowhere in an image without a cell."""
    import cv2

    from bcc.cells.masks import cell_mask

    outside = np.zeros((*images.shape[:3], 1), bool)
    for place, image in enumerate(np.clip(np.rint(images), 0, 255).astype(np.uint8)):
        cell = cell_mask(image)
        if cell.any():
            rim = int(margin[place] * min(cell.shape))
            square = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
            outside[place, ..., 0] = cv2.dilate(cell.astype(np.uint8), square) == 0
    return outside
