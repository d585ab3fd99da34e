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

    Args:
        cut: what stands still and what learns.
        optimizer: built for the trainable variables of `cut.rest`.
        average: running average of the weights, updated with every step.
        loss: a number a picture (`bcc.training.loop.losses`); training only.
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

        from bcc.models.lean import lean

        trunk, rest = cut.trunk, cut.rest
        learning = lean(rest)
        variables = rest.trainable_variables
        shorter = [(v, share) for v, share in zip(variables, rate_shares or [], strict=False) if share < 1]
        self._strategy = strategy
        self._devices = strategy.num_replicas_in_sync if strategy else 1
        self._accumulate = accumulate
        self.accumulated = (
            [keras.Variable(tf.zeros(v.shape), trainable=False) for v in variables] if accumulate > 1 else []
        )

        def features_of(inputs: Any, cached: bool) -> Any:
            if cached:
                return tf.cast(inputs, rest.inputs[0].dtype)
            return inputs if trunk is None else trunk(inputs, training=False)

        def gradients_of(inputs: Any, labels: Any, weights: Any, batch: int, cached: bool) -> Any:
            features = features_of(inputs, cached)
            with tf.GradientTape() as tape:
                probabilities = learning(features, training=True)
                total = tf.reduce_sum(loss(labels, probabilities) * weights) / batch
                if rest.losses:
                    total += tf.cast(tf.add_n(rest.losses), total.dtype) / self._devices
            hits = tf.reduce_sum(_hits(labels, probabilities)) / batch
            return total, hits, tape.gradient(total, variables)

        def apply(gradients: Any) -> None:
            # Every device hands Keras an equal part of the whole gradient, so that clipping sees what one
            # device would have seen.
            optimizer.apply([gradient / self._devices for gradient in gradients], variables)

        def train(
            inputs: Any,
            labels: Any,
            weights: Any,
            rate: Any,
            step: Any,
            batch: int,
            cached: bool,
            moved_by: int,
        ) -> Any:
            optimizer.learning_rate.assign(rate)
            given = (inputs, labels, weights, batch, cached)
            if strategy:
                found = tf.nest.map_structure(
                    lambda value: strategy.reduce("SUM", value, axis=None),
                    strategy.run(gradients_of, args=given),
                )
            else:
                found = gradients_of(*given)
            total, accuracy, gradients = found
            if self.accumulated:
                for sum_, gradient in zip(self.accumulated, gradients, strict=True):
                    sum_.assign(sum_ + gradient / accumulate)
                gradients = [tf.convert_to_tensor(sum_) for sum_ in self.accumulated]
            if moved_by:
                if moved_by < accumulate:
                    gradients = [gradient * (accumulate / moved_by) for gradient in gradients]
                before = [tf.identity(variable) for variable, _ in shorter]
                if strategy:
                    strategy.run(apply, args=(gradients,))
                else:
                    apply(gradients)
                # A step taken back in part is a step at a lower rate, whatever the rule.
                for (variable, share), old in zip(shorter, before, strict=True):
                    variable.assign(old + share * (variable - old))
                for sum_ in self.accumulated:
                    sum_.assign(tf.zeros_like(sum_))
                average.update(step // accumulate)
            return tf.stack([total, accuracy])

        def score(inputs: Any, labels: Any, cached: bool) -> Any:
            probabilities = rest(features_of(inputs, cached), training=False)
            return keras.losses.categorical_crossentropy(labels, probabilities), _hits(labels, probabilities)

        def _hits(labels: Any, probabilities: Any) -> Any:
            hit = tf.equal(tf.argmax(labels, -1), tf.argmax(probabilities, -1))
            return tf.cast(hit, tf.float32)

        self._train = tf.function(train, autograph=False, jit_compile=xla and not strategy)
        self._score = tf.function(score, autograph=False, jit_compile=False)

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
            inputs: pictures, or what the trunk says about them if `cached`.
            labels: float32 (B, classes).
            weights: float32 (B,), how much each picture counts.
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
        """Loss of each picture (no smoothing, no penalties), and whether it was right (0 or 1)."""
        return self._score(inputs, labels, cached)

    def _shared(self, values: Any, batch: int) -> Any:
        """A part of the batch for each device; the last one gets the rest."""
        assert self._strategy is not None
        each = -(-batch // self._devices)
        return self._strategy.experimental_distribute_values_from_function(
            lambda context: values[each * context.replica_id_in_sync_group :][:each]
        )
