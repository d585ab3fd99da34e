"""Optimisers, and how much slower the layers far from the output learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bcc.training.config.train_config import TrainConfig

if TYPE_CHECKING:
    import keras


def make_optimizer(
    config: TrainConfig, variables: list[keras.Variable], replicas: int = 1
) -> keras.optimizers.Optimizer:
    """The optimiser of `config`, built for `variables`.

    Weight decay spares norms, biases and scales: all vectors, that is (Loshchilov and Hutter 2019;
    decaying them only hurts). Keras keeps it out of the gradient with every rule, so that "adam" and "adamw"
    are the same; both names stay, since configs bear them.

    Args:
        config: the rule, its own fields, decay and clipping.
        variables: what it moves.
        replicas: devices that share a batch. Each of them hands over an equal part of the whole gradient
            (`bcc.training.loop.train_step`), and Keras clips before it adds the parts up.
    """
    import keras

    rules: dict[str, tuple[type[keras.optimizers.Optimizer], dict[str, Any]]] = {
        "adam": (keras.optimizers.Adam, config.adam.model_dump()),
        "nadam": (keras.optimizers.Nadam, config.adam.model_dump(exclude={"amsgrad"})),
        "adamw": (keras.optimizers.AdamW, config.adam.model_dump()),
        "lion": (keras.optimizers.Lion, config.lion.model_dump()),
        "sgd": (keras.optimizers.SGD, config.sgd.model_dump()),
    }
    rule, own = rules[config.optimizer]
    optimizer = rule(
        learning_rate=1e-3,
        weight_decay=config.weight_decay,
        global_clipnorm=config.clip_norm / replicas if config.clip_norm else None,
        **own,
    )
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=[v for v in variables if len(v.shape) < 2])
    optimizer.build(variables)
    return optimizer


def rate_shares(model: keras.Model, variables: list[keras.Variable], decay: float) -> list[float]:
    """How much of the learning rate each variable gets (Clark et al., ELECTRA, 2020).

    Args:
        model: a whole model of `bcc.models.build_model`.
        variables: some of its variables.
        decay: 0..1; the head gets 1, the last block `decay`, the one before `decay` squared, ...

    Returns:
        One share a variable, in their order.
    """
    from bcc.models.freezing import depth_of

    depths = {v.path: depth_of(model, layer.name) for layer in model.layers for v in layer.variables}
    return [decay ** depths[v.path] for v in variables]
