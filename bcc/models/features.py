"""What a model knows of a picture just before it decides: probabilities and features in one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.models.resizing import resize_batch

if TYPE_CHECKING:
    import keras


class FeatureExtractor:
    """A model ready to give features; make one and use it often.

    Args:
        model: with a layer named "logits", as `bcc.models.build_model` makes them; of another model, what
            goes into its last layer.
        batch_size: pictures a call; the last one is padded, so that the graph is traced once.
    """

    def __init__(self, model: keras.Model, batch_size: int = 64) -> None:
        import keras
        import tensorflow as tf

        names = [layer.name for layer in model.layers]
        last = model.get_layer("logits") if "logits" in names else model.layers[-1]
        both = keras.Model(model.inputs, [model.output, last.input])
        self.batch_size = batch_size
        self.image_size = int(model.input_shape[1])
        self.classes = int(model.output_shape[-1])
        self.width = int(np.prod(last.input.shape[1:]))

        @tf.function(autograph=False, jit_compile=False)
        def call(pictures: Any) -> Any:
            return both(tf.cast(pictures, tf.float32), training=False)

        self._call = call

    def __call__(
        self,
        images: np.ndarray,
        rows: np.ndarray | None = None,
        progress: Callable[[float, str], None] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ask about pictures.

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
            features[start:end] = known.numpy().reshape(self.batch_size, -1)[: len(part)]
            if progress:
                progress(end / len(rows), f"Looking at {end:,} of {len(rows):,} pictures")
        return probabilities, features
