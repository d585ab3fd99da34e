"""Optimisers and the learning rate of each step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bcc.training.config import TrainConfig

if TYPE_CHECKING:
    import keras


def make_optimizer(config: TrainConfig, variables: list[keras.Variable]) -> keras.optimizers.Optimizer:
    """The optimiser of `config`, built for `variables`.

    Weight decay spares norms, biases and scales: all vectors, that is (Loshchilov and Hutter 2019;
    decaying them only hurts).
    """
    import keras

    rules = {
        "adam": keras.optimizers.Adam,
        "nadam": keras.optimizers.Nadam,
        "adamw": keras.optimizers.AdamW,
        "lion": keras.optimizers.Lion,
    }
    optimizer = rules[config.optimizer](config.learning_rate, weight_decay=config.weight_decay)
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=[v for v in variables if len(v.shape) < 2])
    optimizer.build(variables)
    return optimizer


def learning_rate_at(step: int, steps: int, config: TrainConfig) -> float:
    """Learning rate of one step.

    Args:
        step: counted from 0.
        steps: of the whole run.
        config: peak, schedule and warm-up share.
    """
    warmup = round(config.warmup * steps)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    if config.schedule == "constant":
        return config.learning_rate
    progress = (step - warmup) / max(steps - warmup, 1)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))
