"""A running average of the weights: steadier than the last step's, and usually better.

Source: Polyak and Juditsky 1992; as an exponential average in Tarvainen and Valpola 2017.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


class WeightAverage:
    """Exponential moving average of some variables.

    Args:
        variables: what to average.
        memory: 0..1, share of the old average kept at each step; 0 switches averaging off.
    """

    def __init__(self, variables: list[keras.Variable], memory: float) -> None:
        import keras

        self.memory = memory
        self.variables = variables
        self.averages = (
            [keras.Variable(v, trainable=False, name=f"average_{v.name}") for v in variables]
            if memory
            else []
        )

    def update(self, step: tf.Tensor) -> None:
        """Take in the variables as they are after a step; call inside the compiled step.

        The memory grows with the step count, so that the random first weights are forgotten soon.
        """
        import tensorflow as tf

        if not self.averages:
            return
        count = tf.cast(step, tf.float32)
        memory = tf.minimum(self.memory, (1.0 + count) / (10.0 + count))
        for average, variable in zip(self.averages, self.variables, strict=True):
            average.assign(memory * average + (1.0 - memory) * variable)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the averages where the variables are, for as long as the block runs."""
        if not self.averages:
            yield
            return
        current = [v.numpy() for v in self.variables]
        for average, variable in zip(self.averages, self.variables, strict=True):
            variable.assign(average)
        try:
            yield
        finally:
            for value, variable in zip(current, self.variables, strict=True):
                variable.assign(value)
