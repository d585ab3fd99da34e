"""What a model sees in an image on its way to the answer: probabilities and features in one pass.

The features are the mean and the spread of every channel at the end of each resolution, from edges and
colours to whole cells. What stands just before the decision is no good for telling strange images: training
folds everything onto the few directions of the classes, noise included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.models.resizing import resize_batch
from bcc.progress import Progress

if TYPE_CHECKING:
    import keras


class FeatureExtractor:
    """A model ready to give features; make one and use it often.

    Args:
        model: flat, from images to probabilities.
        batch_size: images a call; the last one is padded, so that the graph is traced once.
    """

    def __init__(self, model: keras.Model, batch_size: int = 64) -> None:
        import keras
        import tensorflow as tf

        maps = list(_last_of_each_resolution(model).values())
        pooled = [keras.ops.mean(one, axis=(1, 2)) for one in maps]
        pooled += [keras.ops.std(one, axis=(1, 2)) for one in maps]
        features = keras.ops.concatenate(pooled, axis=-1)
        both = keras.Model(model.inputs, [model.output, features])
        self.batch_size = batch_size
        self.image_size = int(model.input_shape[1])
        self.classes = int(model.output_shape[-1])
        self.width = int(features.shape[-1])

        @tf.function(autograph=False, jit_compile=False)
        def call(images: Any) -> Any:
            return both(tf.cast(images, tf.float32), training=False)

        self._call = call

    def __call__(
        self,
        images: np.ndarray,
        rows: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ask about images.

        Args:
            images: uint8 (N, H, W, 3), any side; memory-mapped is fine.
            rows: int (M,), which rows; all when missing.
            progress: called with (share done, sentence).

        Returns:
            Probabilities float32 (M, classes) and features float32 (M, width).
        """
        rows = np.arange(len(images)) if rows is None else np.asarray(rows)
        probabilities = np.empty((len(rows), self.classes), np.float32)
        features = np.empty((len(rows), self.width), np.float32)
        for start in range(0, len(rows), self.batch_size):
            part = rows[start : start + self.batch_size]
            batch = resize_batch(np.asarray(images[part]), self.image_size)
            padding = self.batch_size - len(part)
            if padding:
                batch = np.concatenate([batch, np.repeat(batch[-1:], padding, axis=0)])
            said, known = self._call(batch)
            end = start + len(part)
            probabilities[start:end] = said.numpy()[: len(part)]
            features[start:end] = known.numpy()[: len(part)]
            if progress:
                progress(end / len(rows), f"Looking at {end:,} of {len(rows):,} images")
        return probabilities, features


def _last_of_each_resolution(model: keras.Model) -> dict[tuple[int, int], keras.KerasTensor]:
    """The last feature map of each height and width below the image's own."""
    height, width = model.input_shape[1:3]
    found = {}
    for layer in model.layers:
        output = getattr(layer, "output", None)
        shape: Any = getattr(output, "shape", ())
        if len(shape) == 4 and (shape[1] < height or shape[2] < width):
            found[(shape[1], shape[2])] = output
    return found or {(height, width): model.inputs[0]}
