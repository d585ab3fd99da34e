"""Other colours: the light, the camera or the dye was another."""

from bcc.augment.colour.autocontrast import Autocontrast
from bcc.augment.colour.brightness import Brightness
from bcc.augment.colour.channel_shift import ChannelShift
from bcc.augment.colour.channel_shuffle import ChannelShuffle
from bcc.augment.colour.colour_degeneration import ColourDegeneration
from bcc.augment.colour.colour_jitter import ColourJitter
from bcc.augment.colour.contrast import Contrast
from bcc.augment.colour.equalise import Equalise
from bcc.augment.colour.greyscale import Greyscale
from bcc.augment.colour.hue import Hue
from bcc.augment.colour.posterise import Posterise
from bcc.augment.colour.saturation import Saturation
from bcc.augment.colour.sharpness import Sharpness
from bcc.augment.colour.solarise import Solarise
from bcc.augment.colour.stain_jitter import StainJitter

__all__ = [
    "Autocontrast",
    "Brightness",
    "ChannelShift",
    "ChannelShuffle",
    "ColourDegeneration",
    "ColourJitter",
    "Contrast",
    "Equalise",
    "Greyscale",
    "Hue",
    "Posterise",
    "Saturation",
    "Sharpness",
    "Solarise",
    "StainJitter",
]
