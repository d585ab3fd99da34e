"""Which layers learn: cut the backbone at a block boundary, counted from the output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

_BLOCK = re.compile(r"_stage_(\d)_block_(\d+)_")
_DOWNSAMPLING = re.compile(r"_downsampling_(?:layernorm|conv)_(\d)$")
_HEAD = re.compile(r"(_head_gap|_head_layernorm|head_dropout|logits|probabilities)$")


def set_trainable_share(model: keras.Model, share: float) -> int:
    """Freeze all but the last `share` of a ConvNeXt's blocks; the head always learns.

    The stem goes with the first block, a downsampling layer with the block after it, so that the cut
    falls between two blocks and everything before it can be computed once.

    Args:
        model: a flat model of `bcc.models.build_model`.
        share: 0..1 of the blocks; 0 trains the head alone, 1 everything. A share that is not a whole
            number of blocks is rounded to the nearest.

    Returns:
        The number of blocks that learn.
    """
    blocks = sorted({match for layer in model.layers if (match := block_of(layer.name))})
    first_learning = len(blocks) - round(share * len(blocks))
    for layer in model.layers:
        position = _position(layer.name, blocks)
        layer.trainable = position is None or position >= first_learning
    return len(blocks) - first_learning


def block_of(layer_name: str) -> tuple[int, int] | None:
    """(stage, block) that a layer belongs to by its name, `None` for stem, downsampling and head."""
    match = _BLOCK.search(layer_name)
    return (int(match.group(1)), int(match.group(2))) if match else None


def _position(layer_name: str, blocks: list[tuple[int, int]]) -> int | None:
    """Position among the blocks of the one that a layer stands or falls with; `None` for the head."""
    if _HEAD.search(layer_name):
        return None
    if block := block_of(layer_name):
        return blocks.index(block)
    if match := _DOWNSAMPLING.search(layer_name):
        return blocks.index((int(match.group(1)) + 1, 0))
    return 0
