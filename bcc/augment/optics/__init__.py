"""Another lens, focus or camera."""

from bcc.augment.optics.defocus import Defocus
from bcc.augment.optics.gaussian_blur import GaussianBlur
from bcc.augment.optics.jpeg import Jpeg
from bcc.augment.optics.noise import Noise
from bcc.augment.optics.vignetting import Vignetting

__all__ = ["Defocus", "GaussianBlur", "Jpeg", "Noise", "Vignetting"]
