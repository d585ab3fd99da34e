"""What a model knows of an image just before it answers: the pooled features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bcc.errors import UserError
from bcc.models.prediction import Predictor, Progress

if TYPE_CHECKING:
    import keras


def pooled_features(
    model: keras.Model, images: np.ndarray, rows: np.ndarray | None = None, progress: Progress | None = None
) -> np.ndarray:
    """Ask a model for the pooled (and, where it has that, normalised) features of images.

    Args:
        model: one that BCC built.
        images: uint8 (N, H, W, 3), any side; memory-mapped is fine.
        rows: int (M,), which rows; all when missing.
        progress: called with (share done, sentence).

    Returns:
        float32 (M, F).

    Raises:
        UserError: the model has no pooling of a known name.
    """
    import keras

    named = {layer.name: layer for layer in model.layers}
    for ending in ("_head_layernorm", "_head_gap"):
        found = [layer for name, layer in named.items() if name.endswith(ending)]
        if found:
            return Predictor(keras.Model(model.inputs, found[-1].output))(images, rows, progress)
    raise UserError(f"The model '{model.name}' has no pooled features of a known name: train one here.")
