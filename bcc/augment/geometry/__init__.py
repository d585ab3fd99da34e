"""Where things are in the image: turned, moved, bent or cut."""

from bcc.augment.geometry.elastic import Elastic
from bcc.augment.geometry.flips import Flips
from bcc.augment.geometry.perspective import Perspective
from bcc.augment.geometry.quarter_turns import QuarterTurns
from bcc.augment.geometry.random_crop import RandomCrop
from bcc.augment.geometry.rotation import Rotation
from bcc.augment.geometry.shear import Shear
from bcc.augment.geometry.translation import Translation
from bcc.augment.geometry.zoom import Zoom

__all__ = [
    "Elastic",
    "Flips",
    "Perspective",
    "QuarterTurns",
    "RandomCrop",
    "Rotation",
    "Shear",
    "Translation",
    "Zoom",
]
