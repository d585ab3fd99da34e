"""The compiled steps: one that learns from a batch, one that scores without learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.datasets import Dataset
from bcc.models.devices import compile_with_xla
from bcc.models.resizing import resize_batch
from bcc.training.averaging import WeightAverage

if TYPE_CHECKING:
    import keras


class Steps:
    """Compiled training and validation of one model.

    Args:
        model: from pictures to probabilities; what is not trainable stays as it is.
        optimizer: built for the model's trainable variables.
        average: running average of the weights, updated with every step.
        label_smoothing: share of each label spread over all classes; training only.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        average: WeightAverage,
        label_smoothing: float,
    ) -> None:
        import keras
        import tensorflow as tf

        cross_entropy = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing, reduction=None)

        @tf.function(autograph=False, jit_compile=compile_with_xla())
        def train(pictures: Any, labels: Any, weights: Any, rate: Any, step: Any) -> Any:
            optimizer.learning_rate.assign(rate)
            with tf.GradientTape() as tape:
                probabilities = model(pictures, training=True)
                loss = tf.reduce_mean(cross_entropy(labels, probabilities) * weights)
                total = loss + tf.add_n(model.losses) if model.losses else loss
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(total, variables), variables)
            average.update(step)
            return total, _accuracy(labels, probabilities)

        @tf.function(autograph=False, jit_compile=False)
        def score(pictures: Any, labels: Any) -> Any:
            probabilities = model(pictures, training=False)
            loss = keras.losses.categorical_crossentropy(labels, probabilities)
            hit = tf.equal(tf.argmax(labels, -1), tf.argmax(probabilities, -1))
            return loss, tf.cast(hit, tf.float32)

        def _accuracy(labels: Any, probabilities: Any) -> Any:
            hit = tf.equal(tf.argmax(labels, -1), tf.argmax(probabilities, -1))
            return tf.reduce_mean(tf.cast(hit, tf.float32))

        self._train, self._score = train, score

    def train(self, pictures: Any, labels: Any, weights: Any, rate: float, step: int) -> tuple[float, float]:
        """Learn from one batch; returns its loss (penalties included) and accuracy (0..1)."""
        import tensorflow as tf

        loss, accuracy = self._train(
            pictures, labels, weights, tf.constant(rate, tf.float32), tf.constant(step, tf.int64)
        )
        return float(loss), float(accuracy)

    def validate(
        self, dataset: Dataset, rows: np.ndarray, image_size: int, classes: int, batch_size: int = 64
    ) -> tuple[float, float]:
        """Mean loss (no smoothing, no penalties) and accuracy (0..1) over `rows`."""
        import tensorflow as tf

        loss = hits = 0.0
        for start in range(0, len(rows), batch_size):
            part = rows[start : start + batch_size]
            # The last batch is filled up with its first row, so that there is one shape to compile.
            filled = np.concatenate([part, np.repeat(part[:1], batch_size - len(part))])
            pictures = resize_batch(np.asarray(dataset.images[filled]), image_size)
            labels = tf.one_hot(dataset.labels[filled], classes)
            losses, hit = self._score(tf.cast(pictures, tf.float32), labels)
            loss += float(tf.reduce_sum(losses[: len(part)]))
            hits += float(tf.reduce_sum(hit[: len(part)]))
        return loss / len(rows), hits / len(rows)
