"""Batch normalisation under averaged weights: its statistics are measured anew for them.

What a layer of batch normalisation remembers belongs to the weights of the last steps. The average of the
weights makes other activations, and is scored and saved with statistics of its own, or it is worth far less
than it could be (Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from bcc.models.freezing import Cut

BATCHES = 16
"""Training batches that the statistics are measured on; a whole epoch of them was found to be no better."""


class BatchStatistics:
    """The statistics of the layers that learn in one phase.

    Args:
        cut: what stands still and what learns; a frozen layer keeps what it remembers.
    """

    def __init__(self, cut: Cut) -> None:
        import keras

        self.cut = cut
        self.layers = [
            layer
            for layer in cut.rest.layers
            if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
        ]
        self._variables = [v for layer in self.layers for v in (layer.moving_mean, layer.moving_variance)]
        self._step, self._values = -1, [np.zeros(0)]
        self._observe: dict[bool, Callable[[Any], None]] = {}

    @contextmanager
    def measured(self, step: int, inputs: Callable[[], Iterable[Any]], cached: bool) -> Iterator[None]:
        """Put statistics of the weights as they are now where the remembered ones are, while the block runs.

        Args:
            step: how many have been taken; asked again at the same one, nothing is measured again.
            inputs: gives batches of images as training sees them, or what the trunk says of them.
            cached: whether it gives the latter.
        """
        if not self.layers:
            yield
            return
        # Random states too: training goes on as if nobody had measured.
        states = self.cut.rest.non_trainable_variables
        before = [state.numpy() for state in states]
        try:
            if step != self._step:
                self._values, self._step = self._measure(inputs(), cached), step
                for state, value in zip(states, before, strict=True):
                    state.assign(value)
            for variable, value in zip(self._variables, self._values, strict=True):
                variable.assign(value)
            yield
        finally:
            for state, value in zip(states, before, strict=True):
                state.assign(value)

    def _measure(self, batches: Iterable[Any], cached: bool) -> list[np.ndarray]:
        """Mean over the batches of what each of them alone would leave behind."""
        sums, count = [np.zeros(variable.shape) for variable in self._variables], 0
        for batch in batches:
            self._pass(batch, cached)
            sums = [total + v.numpy() for total, v in zip(sums, self._variables, strict=True)]
            count += 1
        return [(total / max(count, 1)).astype(np.float32) for total in sums]

    def _pass(self, batch: Any, cached: bool) -> None:
        """One batch in training mode; the layers remember it and forget all before it."""
        if cached not in self._observe:
            self._observe[cached] = _compiled(self.cut, cached)
        momenta = [layer.momentum for layer in self.layers]
        try:
            # Read when the call is compiled.
            for layer in self.layers:
                layer.momentum = 0.0
            self._observe[cached](batch)
        finally:
            for layer, momentum in zip(self.layers, momenta, strict=True):
                layer.momentum = momentum


def _compiled(cut: Cut, cached: bool) -> Callable[[Any], None]:
    import tensorflow as tf

    def observe(batch: Any) -> None:
        features = tf.cast(batch, cut.rest.inputs[0].dtype) if cached else batch
        if not cached and cut.trunk is not None:
            features = cut.trunk(features, training=False)
        cut.rest(features, training=True)

    result: Callable[[Any], None] = tf.function(observe, autograph=False, jit_compile=False)
    return result
