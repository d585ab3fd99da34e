"""The ConvNeXt family, in numbers. No tensorflow here: forms and configs read this table.

Sizes tiny to xlarge are those of Liu et al., "A ConvNet for the 2020s" (2022), and have ImageNet
weights in keras.applications; atto to nano are the smaller ones that Wightman added in timm (2022),
for which keras.applications has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Size = Literal["atto", "femto", "pico", "nano", "tiny", "small", "base", "large", "xlarge"]
"""Names of the family's members, smallest first."""


@dataclass(frozen=True)
class Architecture:
    """How deep and wide one member is.

    Attributes:
        depths: ConvNeXt blocks in each of the four stages.
        dims: channels in each of the four stages.
        millions: parameters without a classification head, in millions.
        imagenet: whether keras.applications has ImageNet weights for it.
    """

    depths: tuple[int, int, int, int]
    dims: tuple[int, int, int, int]
    millions: float
    imagenet: bool


ARCHITECTURES: dict[Size, Architecture] = {
    "atto": Architecture((2, 2, 6, 2), (40, 80, 160, 320), 3.4, False),
    "femto": Architecture((2, 2, 6, 2), (48, 96, 192, 384), 4.8, False),
    "pico": Architecture((2, 2, 6, 2), (64, 128, 256, 512), 8.5, False),
    "nano": Architecture((2, 2, 8, 2), (80, 160, 320, 640), 15.0, False),
    "tiny": Architecture((3, 3, 9, 3), (96, 192, 384, 768), 27.8, True),
    "small": Architecture((3, 3, 27, 3), (96, 192, 384, 768), 49.5, True),
    "base": Architecture((3, 3, 27, 3), (128, 256, 512, 1024), 87.6, True),
    "large": Architecture((3, 3, 27, 3), (192, 384, 768, 1536), 196.2, True),
    "xlarge": Architecture((3, 3, 27, 3), (256, 512, 1024, 2048), 348.1, True),
}

SIZES: tuple[Size, ...] = get_args(Size)

ModelName = Literal["atto", "femto", "pico", "nano", "tiny", "small", "base", "large", "xlarge", "custom-cnn"]
"""Everything that can be trained: the family, and a plain network of nine convolutions."""
