"""Fill a freshly built model with weights: ImageNet's, another run's, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bcc.errors import UserError
from bcc.models.options import ModelOptions

if TYPE_CHECKING:
    import keras


def fill_weights(model: keras.Model, options: ModelOptions) -> int:
    """Load what `options.weights` names into `model`.

    Args:
        model: as built by `bcc.models.build_model(options, ...)`.
        options: `weights` is 'none', 'imagenet', or the path of a run directory or `.keras` file.

    Returns:
        The number of layers filled; 0 for 'none'.

    Raises:
        UserError: ImageNet weights cannot be fetched, or the file does not fit the model.
    """
    if options.weights == "none":
        return 0
    if options.weights == "imagenet":
        return copy_weights(_imagenet_reference(options), model)
    return _fill_from_file(model, Path(options.weights))


def copy_weights(source: keras.Model, target: keras.Model) -> int:
    """Copy weights between two ConvNeXts by layer name.

    keras.applications keeps a depthwise kernel as a grouped convolution's (7, 7, 1, channels), we as
    (7, 7, channels, 1): such a pair is transposed on the way. Layers that only one of them has, or
    whose shapes differ (a head for other classes), are left as they are.

    Returns:
        The number of layers copied.
    """
    ours = {layer.name: layer for layer in target.layers if layer.weights}
    copied = 0
    for layer in _leaves(source):
        mate = ours.get(layer.name)
        if mate is None or not layer.weights:
            continue
        values = [
            _to_shape(v, tuple(w.shape)) for v, w in zip(layer.get_weights(), mate.weights, strict=False)
        ]
        if len(values) == len(mate.weights) and all(value is not None for value in values):
            mate.set_weights(values)
            copied += 1
    return copied


def _leaves(model: keras.Model) -> list[keras.layers.Layer]:
    """Layers of a model, those inside nested models in their place."""
    layers: list[keras.layers.Layer] = []
    for layer in model.layers:
        layers += _leaves(layer) if hasattr(layer, "layers") else [layer]
    return layers


def _to_shape(value: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """`value` itself, transposed from a grouped to a depthwise kernel, or `None` if it cannot fit."""
    if value.shape == shape:
        return value
    if value.ndim == 4 and value.transpose(0, 1, 3, 2).shape == shape:
        return value.transpose(0, 1, 3, 2)
    return None


def _imagenet_reference(options: ModelOptions) -> keras.Model:
    """keras.applications' own model with ImageNet weights, fetched (and kept) by Keras."""
    import keras

    constructors = {
        "tiny": keras.applications.ConvNeXtTiny,
        "small": keras.applications.ConvNeXtSmall,
        "base": keras.applications.ConvNeXtBase,
        "large": keras.applications.ConvNeXtLarge,
        "xlarge": keras.applications.ConvNeXtXLarge,
    }
    try:
        return constructors[options.model](include_top=False, weights="imagenet", input_shape=(64, 64, 3))
    except Exception as error:  # Keras wraps every network failure in a bare Exception.
        # "corrupted file": something answered, but not with the weights (a network's log-in page, say).
        failures = ("URL fetch failure", "corrupted file")
        if not isinstance(error, OSError) and not any(text in str(error) for text in failures):
            raise
        raise UserError(
            f"The ImageNet weights of ConvNeXt {options.model} could not be fetched (no network?): "
            "train from nothing with weights 'none', or give the path of a run or .keras file."
        ) from error


def _fill_from_file(model: keras.Model, path: Path) -> int:
    """Copy what fits from another run's model."""
    from bcc.models.saving import load_model

    file = path / "model.keras" if path.is_dir() else path
    copied = copy_weights(load_model(file), model)
    if not copied:
        raise UserError(
            f"The weights in '{path}' fit no layer of {model.name}: choose the model size that they "
            "were trained with, or weights 'none'."
        )
    return copied
