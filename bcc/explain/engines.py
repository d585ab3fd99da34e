"""Engines that compute maps: BCC, or tf-keras-vis as a second opinion, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bcc.errors import UserError
from bcc.explain.keras_vis import LIBRARY, METHODS_OF_LIBRARY, LibraryExplainer
from bcc.explain.saliency import Explainer, scaled

if TYPE_CHECKING:
    import keras

OURS = "bcc"
ENGINES = (OURS, LIBRARY)
"""In the order in which they are offered."""


def check_engine(engine: str, method: str) -> None:
    """Refuse an unknown engine, or a method that it does not have.

    Raises:
        UserError: says which there are.
    """
    if engine not in ENGINES:
        raise UserError(f"There is no engine '{engine}': choose one of {', '.join(ENGINES)}.")
    if not has_method(engine, method):
        known = ", ".join(METHODS_OF_LIBRARY)
        raise UserError(f"{LIBRARY} has no method '{method}': choose one of {known}, or the engine {OURS}.")


def has_method(engine: str, method: str) -> bool:
    """Whether an engine has this method."""
    return engine == OURS or method in METHODS_OF_LIBRARY


def explainer_by(
    engine: str, model: keras.Model, layer: str | None = None, method: str = "gradcam", seed: int = 0
) -> Explainer:
    """Return an explainer of an engine; arguments as for `Explainer`.

    Raises:
        UserError: there is no such engine, method or stage.
    """
    check_engine(engine, method)
    kind = Explainer if engine == OURS else LibraryExplainer
    return kind(model, layer, method, seed=seed)


@dataclass(frozen=True)
class Agreement:
    """Agreement between the maps of two engines.

    Attributes:
        each: float64 (N,), Pearson's correlation of each pair of maps; NaN where one of them is flat.
        overall: Pearson's correlation of all values of all maps, each map scaled to a highest value of 1; NaN
            where there is nothing to compare.
    """

    each: np.ndarray
    overall: float


def agreement(maps: np.ndarray, others: np.ndarray) -> Agreement:
    """Compare maps float32 (N, h, w) of the same images, pair by pair and all together."""
    pairs = [
        _pearson(one.ravel(), other.ravel())
        for one, other in zip(maps.astype(np.float64), others.astype(np.float64), strict=True)
    ]
    together = (scaled(some).astype(np.float64).ravel() for some in (maps, others)) if len(maps) else ()
    return Agreement(np.array(pairs, np.float64), _pearson(*together) if len(maps) else float("nan"))


def _pearson(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one - one.mean(), other - other.mean()
    sizes = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / sizes) if sizes > 0 else float("nan")
