"""Ask a model about many images: batched, compiled, reading only the rows that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.models.resizing import resize_batch
from bcc.progress import Progress

if TYPE_CHECKING:
    import keras


class Predictor:
    """A model ready to predict; keeps its compiled call, so make one and use it often.

    Args:
        model: from images, values 0..255, to probabilities.
        batch_size: images a call. Every call has this many (the last is padded), so that the
            graph is traced once.
    """

    def __init__(self, model: keras.Model, batch_size: int = 64) -> None:
        import tensorflow as tf

        self.model = model
        self.batch_size = batch_size
        self.image_size = int(model.input_shape[1])

        @tf.function(autograph=False, jit_compile=False)
        def call(images: Any) -> Any:
            return model(tf.cast(images, tf.float32), training=False)

        self._call = call

    def __call__(
        self, images: np.ndarray, rows: np.ndarray | None = None, progress: Progress | None = None
    ) -> np.ndarray:
        """Predict class probabilities.

        Args:
            images: uint8 (N, H, W, 3), any side; memory-mapped is fine.
            rows: int (M,), which rows to predict; all when missing.
            progress: called with (share done, sentence).

        Returns:
            float32 (M, classes), rows sum to 1.
        """
        rows = np.arange(len(images)) if rows is None else np.asarray(rows)
        result = np.empty((len(rows), int(self.model.output_shape[-1])), np.float32)
        for start in range(0, len(rows), self.batch_size):
            part = rows[start : start + self.batch_size]
            batch = resize_batch(np.asarray(images[part]), self.image_size)
            padding = self.batch_size - len(part)
            if padding:
                batch = np.concatenate([batch, np.repeat(batch[-1:], padding, axis=0)])
            result[start : start + len(part)] = self._call(batch).numpy()[: len(part)]
            if progress:
                done = start + len(part)
                progress(done / len(rows), f"Predicting {done:,} of {len(rows):,} images")
        return result
