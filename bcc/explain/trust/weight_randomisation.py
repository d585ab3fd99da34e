"""Whether a map depends on what the model has learned: compare it with that of a randomised model.

Adebayo et al. 2018, https://arxiv.org/abs/1810.03292. A map that hardly changes when the weights are random
shows the image's edges, not the model's reasons. Weights are shuffled within each array, so that their
sizes stay what they were and no block falls silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bcc.models.freezing import block_of

if TYPE_CHECKING:
    import keras


def shuffled_weights(model: keras.Model, seed: int) -> list[np.ndarray]:
    """The model's weights, each array shuffled: as `model.get_weights()` gives them."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(weight.ravel()).reshape(weight.shape) for weight in model.get_weights()]


def cascade(model: keras.Model, seed: int) -> list[tuple[str, list[np.ndarray]]]:
    """Weights shuffled from the output downwards, a stage further each time.

    Returns:
        (what is shuffled, weights) per level, the last of which is the whole model.
    """
    learned, random = model.get_weights(), shuffled_weights(model, seed)
    of_weight = _stage_of_weights(model)
    levels = []
    for stage in sorted(set(of_weight), reverse=True):
        mixed = [r if of >= stage else w for w, r, of in zip(learned, random, of_weight, strict=True)]
        levels.append((_said(stage, max(of_weight)), mixed))
    return levels


def rank_correlation(maps: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Spearman's correlation of each pair of maps (N, h, w): float64 (N,), -1..1; 0 where one is flat."""
    from scipy.stats import rankdata

    first, second = (rankdata(some.reshape(len(some), -1), axis=1) for some in (maps, others))
    first -= first.mean(axis=1, keepdims=True)
    second -= second.mean(axis=1, keepdims=True)
    sizes = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    products = (first * second).sum(axis=1)
    correlations: np.ndarray = np.divide(products, sizes, out=np.zeros(len(maps)), where=sizes > 0)
    return correlations


def _stage_of_weights(model: keras.Model) -> list[int]:
    """A number for each array of weights, higher towards the output; 0 before the first stage."""
    layers = [layer for layer in model.layers if layer.weights]
    blocks = [block_of(layer.name) for layer in layers]
    last = max((position for position, block in enumerate(blocks) if block), default=-1)
    numbers, current = [], 0
    for position, (layer, block) in enumerate(zip(layers, blocks, strict=True)):
        current = block[0] + 1 if block else current
        head = max((b[0] for b in blocks if b), default=0) + 2
        numbers += [head if position > last else current] * len(layer.weights)
    return numbers


def _said(stage: int, head: int) -> str:
    if stage == head:
        return "head"
    return f"and stage {stage}" if stage else "and stem"
