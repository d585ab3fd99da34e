"""The places in a network where a saliency map can be taken, and how fine each one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bcc.errors import UserError
from bcc.models.freezing import block_of

if TYPE_CHECKING:
    import keras

SMALLEST_MAP = 6
"""Side in fields below which a map is too coarse to be useful."""


@dataclass(frozen=True)
class Stage:
    """The end of one stage.

    Attributes:
        layer: name of the layer whose output is explained.
        number: 1 for the first stage.
        height, width: of its feature map.
    """

    layer: str
    number: int
    height: int
    width: int

    @property
    def label(self) -> str:
        """For a person: "stage 3 (6 x 6)"."""
        return f"stage {self.number} ({self.height} x {self.width})"


def stages(model: keras.Model) -> list[Stage]:
    """The last block's output of every stage, shallow to deep.

    In a network whose layers are not named by stage and block, a stage is all that has maps of one size.

    Raises:
        UserError: the model has no feature maps at all.
    """
    found = _named_stages(model) or _stages_by_size(model)
    if not found:
        raise UserError("The model has no convolution, so there is no stage where a map could be taken.")
    return found


def default_stage(model: keras.Model) -> Stage:
    """Return the deepest stage whose map is fine enough to be useful; the finest if none is."""
    all_stages = stages(model)
    fine = [s for s in all_stages if min(s.height, s.width) >= SMALLEST_MAP]
    return fine[-1] if fine else all_stages[0]


def find_stage(model: keras.Model, layer: str | None) -> Stage:
    """The stage with this layer name, or the default one.

    Raises:
        UserError: no stage ends with that layer.
    """
    if layer is None:
        return default_stage(model)
    for stage in stages(model):
        if stage.layer == layer:
            return stage
    known = ", ".join(s.layer for s in stages(model))
    raise UserError(f"The model has no stage that ends with '{layer}': choose one of {known}.")


def _named_stages(model: keras.Model) -> list[Stage]:
    """By the names that `bcc.models` gives: `..._stage_2_block_5_output`."""
    found: dict[int, Stage] = {}
    for layer in model.layers:
        block = block_of(layer.name)
        if block and layer.name.endswith("_output"):
            _, height, width, _ = layer.output.shape
            found[block[0]] = Stage(layer.name, block[0] + 1, int(height), int(width))
    return [found[number] for number in sorted(found)]


def _stages_by_size(model: keras.Model) -> list[Stage]:
    """The last layer before maps change their size, pooling left out; from the first convolution on."""
    found: dict[tuple[int, int], str] = {}
    for layer in model.layers:
        kind = type(layer).__name__
        shape: tuple[int | None, ...] = tuple(getattr(layer.output, "shape", ()))
        if len(shape) != 4 or "Pooling" in kind or not (found or "Conv" in kind):
            continue
        _, height, width, _ = shape
        if height and width:
            found[height, width] = layer.name
    return [Stage(name, number, *size) for number, (size, name) in enumerate(found.items(), 1)]
