"""Where things are in the picture: turned, moved, bent or cut."""

from bcc.augment.geometry.flips import Flips
from bcc.augment.geometry.quarter_turns import QuarterTurns

__all__ = ["Flips", "QuarterTurns"]
