"""Which layers learn: cut the backbone at a block boundary, counted from the output.

What lies before the cut is the trunk. It runs as it does in prediction (batch statistics as they were
learned, nothing dropped), so that it says the same about an image every time and can be asked once.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

_BLOCK = re.compile(r"_stage_(\d)_block_(\d+)_")
_DOWNSAMPLING = re.compile(r"_downsampling_(?:layernorm|conv)_(\d)$")
_POOLING = re.compile(r"_head_gap$")
_HEAD = re.compile(r"(_head_layernorm|(^|_)head_\w+|logits|probabilities)$")


@dataclass(frozen=True)
class Cut:
    """A model in two parts that share its layers.

    Attributes:
        trunk: from images to what the rest starts from; `None` when everything learns.
        rest: from the trunk's output (or images) to probabilities.
        blocks: how many blocks learn.
    """

    trunk: keras.Model | None
    rest: keras.Model
    blocks: int


def cut(model: keras.Model, share: float, at_least: int = 0) -> Cut:
    """Freeze all but the last `share` of the blocks, and part the model there.

    Args:
        model: a flat model of `bcc.models.build_model`.
        share: 0..1 of the blocks; see `set_trainable_share`.
        at_least: blocks that learn however small the share.
    """
    import keras

    blocks = set_trainable_share(model, share, at_least)
    positions = _positions(model)
    first = len(_blocks(model)) - blocks
    if share == 1 or first == 0:
        return Cut(None, model, blocks)
    last = [layer for layer in model.layers if _is_frozen(layer, positions, first)][-1]
    trunk = keras.Model(model.input, last.output, name=f"{model.name}_trunk")
    rest = keras.Model(last.output, model.output, name=f"{model.name}_rest")
    return Cut(trunk, rest, blocks)


def set_trainable_share(model: keras.Model, share: float, at_least: int = 0) -> int:
    """Freeze all but the last `share` of a model's blocks; the head always learns.

    The stem goes with the first block, a downsampling layer with the block after it, so that the cut
    falls between two blocks and everything before it can be computed once.

    Args:
        model: a flat model of `bcc.models.build_model`.
        share: 0..1 of the blocks; 0 trains the head alone, 1 everything. A share that is not a whole
            number of blocks is rounded to the nearest, and half a block counts as one that learns.
        at_least: blocks that learn however small the share.

    Returns:
        The number of blocks that learn.
    """
    blocks = len(_blocks(model))
    # The small number is for shares that no float hits: 0.58 of 25 blocks comes out a hair below 14.5.
    nearest = math.floor(share * blocks + 0.5 + 1e-9)
    learning = max(nearest, min(at_least, blocks))
    positions = _positions(model)
    for layer in model.layers:
        layer.trainable = not _is_frozen(layer, positions, blocks - learning)
    return learning


def block_of(layer_name: str) -> tuple[int, int] | None:
    """(stage, block) that a layer belongs to by its name, `None` for stem, downsampling and head."""
    match = _BLOCK.search(layer_name)
    return (int(match.group(1)), int(match.group(2))) if match else None


def depth_of(model: keras.Model, layer_name: str) -> int:
    """How many blocks lie between a layer and the output: 0 for the head, 1 for the last block, ..."""
    position = _position(layer_name, _blocks(model))
    return 0 if position is None else len(_blocks(model)) - position


def _blocks(model: keras.Model) -> list[tuple[int, int]]:
    return sorted({match for layer in model.layers if (match := block_of(layer.name))})


def _positions(model: keras.Model) -> dict[str, int | None]:
    blocks = _blocks(model)
    return {layer.name: _position(layer.name, blocks) for layer in model.layers}


def _is_frozen(layer: keras.layers.Layer, positions: dict[str, int | None], first: int) -> bool:
    position = positions[layer.name]
    return position is not None and position < first


def _position(layer_name: str, blocks: list[tuple[int, int]]) -> int | None:
    """Position among the blocks of the one that a layer stands or falls with; `None` for the head."""
    if _POOLING.search(layer_name):
        # It has no weights. With the last block, so that a frozen backbone ends in one vector an image.
        return len(blocks) - 1
    if _HEAD.search(layer_name):
        return None
    if block := block_of(layer_name):
        return blocks.index(block)
    if match := _DOWNSAMPLING.search(layer_name):
        return blocks.index((int(match.group(1)) + 1, 0))
    return 0
