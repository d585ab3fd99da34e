"""Fill a freshly built model with weights: ImageNet's, another run's, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bcc.errors import UserError
from bcc.models.freezing import block_of
from bcc.models.options import ModelOptions
from bcc.models.shipped_weights import NAMES, shipped

if TYPE_CHECKING:
    import keras

_NAMED = 4
"""Layers that are named when some were not filled."""


class Filled(int):
    """How many layers of a model got their weights from elsewhere; it also knows which did not.

    Attributes:
        layers: how many layers of the model have weights.
        missing: names of those that stayed as they were, in order.
    """

    layers: int
    missing: tuple[str, ...]

    def __new__(cls, filled: int, missing: Sequence[str] = ()) -> Filled:
        """Count so many, with the names of the others."""
        made: Filled = super().__new__(cls, filled)
        made.layers, made.missing = filled + len(missing), tuple(missing)
        return made

    @property
    def missing_below_the_head(self) -> tuple[str, ...]:
        """Those that nobody expects to be missing: classes may be others, a backbone may not."""
        return tuple(name for name in self.missing if not _is_new_head(name))

    def sentence(self, source: str) -> str:
        """What was filled and what was not, for a person.

        Args:
            source: the option `weights` that was followed.
        """
        if source == "imagenet":
            origin = "ImageNet weights"
        elif source in NAMES:
            origin = f"the shipped weights '{source}'"
        else:
            origin = f"the weights of '{_short(Path(source))}'"
        if not self.missing:
            return f"All {self.layers} layers start from {origin}."
        named = ", ".join(self.missing[:_NAMED])
        more = f" and {len(self.missing) - _NAMED} more" if len(self.missing) > _NAMED else ""
        return f"{int(self)} of {self.layers} layers start from {origin}; from random ones: {named}{more}."


def fill_weights(model: keras.Model, options: ModelOptions) -> Filled:
    """Load what `options.weights` names into `model`.

    Args:
        model: as built by `bcc.models.build_model(options, ...)`.
        options: `weights` is 'none', 'pbc', 'imagenet', or the path of a run directory or `.keras` file.

    Returns:
        The number of layers filled, and which were not; 0 for 'none'.

    Raises:
        UserError: ImageNet weights cannot be fetched, or the file does not fit the model.
    """
    if options.weights == "none":
        return Filled(0, [layer.name for layer in model.layers if layer.weights])
    if options.weights in NAMES:
        return _copy_arrays(shipped(options.weights).layers(), model)
    if options.weights == "imagenet":
        return copy_weights(_imagenet_reference(options), model)
    return _fill_from_file(model, Path(options.weights))


def copy_weights(source: keras.Model, target: keras.Model) -> Filled:
    """Copy weights between two ConvNeXts by layer name.

    keras.applications keeps a depthwise kernel as a grouped convolution's (7, 7, 1, channels), we as
    (7, 7, channels, 1): such a pair is transposed on the way. Without its top it leaves the last layer norm
    unnamed; that one is told by its place. Layers that only one of them has, or whose shapes differ (a head
    for other classes), are left as they are.

    Returns:
        The number of layers copied, and which layers of `target` were not.
    """
    theirs = _by_our_names(_leaves(source), target.name)
    return _copy_arrays({name: layer.get_weights() for name, layer in theirs.items()}, target)


def _copy_arrays(theirs: dict[str, list[np.ndarray]], target: keras.Model) -> Filled:
    """Fill every layer of `target` for which there are arrays of its name and shapes."""
    missing, filled = [], 0
    for layer in target.layers:
        if not layer.weights:
            continue
        given: list[np.ndarray | None] = list(theirs.get(layer.name, []))
        shapes = [tuple(weight.shape) for weight in layer.weights]
        if len(given) == len(shapes):
            given = [
                None if value is None else _to_shape(value, shape)
                for value, shape in zip(given, shapes, strict=True)
            ]
        if len(given) != len(shapes) or any(value is None for value in given):
            missing.append(layer.name)
            continue
        layer.set_weights(given)
        filled += 1
    return Filled(filled, missing)


def _by_our_names(layers: list[keras.layers.Layer], model: str) -> dict[str, keras.layers.Layer]:
    """Layers by the names that a model of ours calls them."""
    import keras

    named = {layer.name: layer for layer in layers}
    last_norm = f"{model}_head_layernorm"
    blocks = [place for place, layer in enumerate(layers) if block_of(layer.name)]
    if last_norm not in named and blocks:
        behind = [one for one in layers[blocks[-1] :] if isinstance(one, keras.layers.LayerNormalization)]
        unnamed = [layer for layer in behind if layer.name.startswith("layer_normalization")]
        named.update({last_norm: unnamed[0]} if unnamed else {})
    return named


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
    if value.ndim == 4 and value.shape[2] == 1 and value.transpose(0, 1, 3, 2).shape == shape:
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


def _fill_from_file(model: keras.Model, path: Path) -> Filled:
    """Copy what fits from another run's model."""
    from bcc.models.saving import load_model

    file = path / "model.keras" if path.is_dir() else path
    filled = copy_weights(load_model(file), model)
    # A head of the same size may fit by chance; what it was trained on does not.
    if len(filled.missing_below_the_head) == sum(
        1 for layer in model.layers if layer.weights and not _is_new_head(layer.name)
    ):
        raise UserError(
            f"The weights in '{path}' fit no layer of {model.name}: choose the model size that they "
            "were trained with, or weights 'none'."
        )
    return filled


def _short(path: Path) -> str:
    """The run or file that a path names; where it lies is nobody else's business."""
    return path.parent.name if path.name == "model.keras" and path.parent.name else path.name


def _is_new_head(layer_name: str) -> bool:
    """Whether a layer answers for the classes, behind the last norm of the backbone."""
    return layer_name == "logits" or layer_name.startswith("head_")
