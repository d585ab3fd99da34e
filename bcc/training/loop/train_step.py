"""The compiled steps: one that learns from a batch, one that scores without learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bcc.models.freezing import Cut
from bcc.training.loop.weight_averaging import WeightAverage

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


class Steps:
    """Compiled training and scoring of one phase.

    A training step reads top to bottom in `_learn`: gradients of the batch (`_gradients`), those of earlier
    batches added (`_accumulated`), one move of the weights (`_move`).

    Args:
        cut: what stands still and what learns.
        optimizer: built for the trainable variables of `cut.rest`.
        average: running average of the weights, updated with every step.
        loss: a number an image (`bcc.training.loop.losses`); training only.
        rate_shares: how much of the learning rate each trainable variable gets; all of it when missing.
        accumulate: steps whose gradients are averaged before the weights move; fewer where the last ones
            of a phase are left over.
        strategy: shares each batch among its devices; one device does the work when missing.
        xla: whether to compile the training step with XLA.
    """

    def __init__(
        self,
        cut: Cut,
        optimizer: keras.optimizers.Optimizer,
        average: WeightAverage,
        loss: keras.losses.Loss,
        *,
        rate_shares: list[float] | None = None,
        accumulate: int = 1,
        strategy: tf.distribute.Strategy | None = None,
        xla: bool = False,
    ) -> None:
        import keras
        import tensorflow as tf

        from bcc.models.fast_gradients import lean

        self._trunk, self._rest = cut.trunk, cut.rest
        self._learning = lean(cut.rest)
        self._optimizer, self._average, self._loss = optimizer, average, loss
        self._variables = cut.rest.trainable_variables
        self._slower = [
            (variable, share)
            for variable, share in zip(self._variables, rate_shares or [], strict=False)
            if share < 1
        ]
        self._accumulate = accumulate
        self._strategy = strategy
        self._devices = strategy.num_replicas_in_sync if strategy else 1
        self.accumulated = (
            [keras.Variable(tf.zeros(variable.shape), trainable=False) for variable in self._variables]
            if accumulate > 1
            else []
        )
        self._train = tf.function(self._learn, autograph=False, jit_compile=xla and not strategy)
        self._score = tf.function(self._judge, autograph=False, jit_compile=False)

    def train(
        self,
        inputs: Any,
        labels: Any,
        weights: Any,
        rate: float,
        step: int,
        cached: bool = False,
        last: bool = False,
    ) -> tuple[float, float]:
        """Learn from one batch.

        Args:
            inputs: images, or what the trunk says about them if `cached`.
            labels: float32 (B, classes).
            weights: float32 (B,), how much each image counts.
            rate: learning rate.
            step: counted from 0 within the phase.
            last: of the phase: the weights move whatever has been accumulated.

        Returns:
            Its loss (penalties included) and accuracy (0..1).
        """
        import tensorflow as tf

        batch = len(labels)
        parts = (inputs, labels, weights)
        if self._strategy:
            parts = tuple(self._shared(part, batch) for part in parts)
        numbers = (tf.constant(rate, tf.float32), tf.constant(step, tf.int64))
        gathered = step % self._accumulate + 1
        moved_by = gathered if last or gathered == self._accumulate else 0
        loss, accuracy = self._train(*parts, *numbers, batch, cached, moved_by).numpy()
        return float(loss), float(accuracy)

    def score(self, inputs: Any, labels: Any, cached: bool = False) -> tuple[Any, Any]:
        """Loss of each image (no smoothing, no penalties), and whether it was right (0 or 1)."""
        result: tuple[Any, Any] = self._score(inputs, labels, cached)
        return result

    def _shared(self, values: Any, batch: int) -> Any:
        """A part of the batch for each device; the last one gets the rest."""
        assert self._strategy is not None
        each = -(-batch // self._devices)
        return self._strategy.experimental_distribute_values_from_function(
            lambda context: values[each * context.replica_id_in_sync_group :][:each]
        )

    # What follows is traced into graphs by `tf.function`: it runs in Python once for each kind of batch.

    def _learn(
        self,
        inputs: Any,
        labels: Any,
        weights: Any,
        rate: Any,
        step: Any,
        batch: int,
        cached: bool,
        moved_by: int,
    ) -> Any:
        """One step; `moved_by` batches move the weights now, none of them when 0."""
        import tensorflow as tf

        self._optimizer.learning_rate.assign(rate)
        total, accuracy, gradients = self._over_devices(inputs, labels, weights, batch, cached)
        if self.accumulated:
            gradients = self._accumulated(gradients, moved_by)
        if moved_by:
            self._move(gradients)
            self._average.update(step // self._accumulate)
        return tf.stack([total, accuracy])

    def _judge(self, inputs: Any, labels: Any, cached: bool) -> Any:
        """Loss and hit of each image, as in prediction."""
        import keras

        probabilities = self._rest(self._features(inputs, cached), training=False)
        return keras.losses.categorical_crossentropy(labels, probabilities), _hits(labels, probabilities)

    def _features(self, inputs: Any, cached: bool) -> Any:
        """What the frozen trunk says about a batch, asked now or kept from before."""
        import tensorflow as tf

        if cached:
            return tf.cast(inputs, self._rest.inputs[0].dtype)
        return inputs if self._trunk is None else self._trunk(inputs, training=False)

    def _gradients(self, inputs: Any, labels: Any, weights: Any, batch: int, cached: bool) -> Any:
        """Loss, accuracy and gradients of one device's part of a batch of `batch` images."""
        import tensorflow as tf

        features = self._features(inputs, cached)
        with tf.GradientTape() as tape:
            probabilities = self._learning(features, training=True)
            total = tf.reduce_sum(self._loss(labels, probabilities) * weights) / batch
            if self._rest.losses:
                total += tf.cast(tf.add_n(self._rest.losses), total.dtype) / self._devices
        accuracy = tf.reduce_sum(_hits(labels, probabilities)) / batch
        return total, accuracy, tape.gradient(total, self._variables)

    def _over_devices(self, *batch: Any) -> Any:
        """`_gradients`, added up over the devices that share the batch."""
        import tensorflow as tf

        if not self._strategy:
            return self._gradients(*batch)
        strategy = self._strategy
        return tf.nest.map_structure(
            lambda value: strategy.reduce("SUM", value, axis=None),
            strategy.run(self._gradients, args=batch),
        )

    def _accumulated(self, gradients: Any, moved_by: int) -> Any:
        """The mean gradient of the batches since the last move; starts anew where the weights move now."""
        import tensorflow as tf

        for sum_, gradient in zip(self.accumulated, gradients, strict=True):
            sum_.assign(sum_ + gradient / self._accumulate)
        mean = [tf.identity(sum_) for sum_ in self.accumulated]
        if 0 < moved_by < self._accumulate:
            mean = [gradient * (self._accumulate / moved_by) for gradient in mean]
        if moved_by:
            for sum_ in self.accumulated:
                sum_.assign(tf.zeros_like(sum_))
        return mean

    def _move(self, gradients: Any) -> None:
        """One step of the optimiser; variables with a share of the rate take that share of it."""
        import tensorflow as tf

        before = [tf.identity(variable) for variable, _ in self._slower]
        if self._strategy:
            self._strategy.run(self._apply, args=(gradients,))
        else:
            self._apply(gradients)
        # A step taken back in part is a step at a lower rate, whatever the rule.
        for (variable, share), old in zip(self._slower, before, strict=True):
            variable.assign(old + share * (variable - old))

    def _apply(self, gradients: Any) -> None:
        """Every device hands Keras an equal part of the whole gradient, so that clipping sees what one
        device would have seen."""
        self._optimizer.apply([gradient / self._devices for gradient in gradients], self._variables)


def _hits(labels: Any, probabilities: Any) -> Any:
    """1 where the likeliest class is the labelled one, else 0: float32 (B,)."""
    import tensorflow as tf

    return tf.cast(tf.equal(tf.argmax(labels, -1), tf.argmax(probabilities, -1)), tf.float32)
