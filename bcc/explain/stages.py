"""The places in a ConvNeXt where a saliency map can be taken, and how fine each one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bcc.errors import UserError
from bcc.models.freezing import block_of

if TYPE_CHECKING:
    import keras

SMALLEST_MAP = 6
"""Cells a side below which a map is too coarse to look at."""


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
    """The last block's output of every stage, shallow to deep."""
    found: dict[int, Stage] = {}
    for layer in model.layers:
        block = block_of(layer.name)
        if block and layer.name.endswith("_output"):
            _, height, width, _ = layer.output.shape
            found[block[0]] = Stage(layer.name, block[0] + 1, int(height), int(width))
    return [found[number] for number in sorted(found)]


def default_stage(model: keras.Model) -> Stage:
    """The deepest stage whose map is still fine enough to look at; the finest if none is."""
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
