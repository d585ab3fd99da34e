"""Two cells in one image, and a label that says how much of each."""

from bcc.augment.mixing.cutmix import CutMix
from bcc.augment.mixing.fmix import FMix
from bcc.augment.mixing.mixup import MixUp

__all__ = [
    "CutMix",
    "FMix",
    "MixUp",
]
