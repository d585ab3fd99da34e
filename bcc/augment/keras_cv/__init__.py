"""Steps that call a layer of keras-cv, for what is not written here; each has the topic of what it changes.

docs/augmentation.md lists the layers that are not included, and why.
"""

from bcc.augment.keras_cv.augmentation_pipeline import KerasCvAugmentationPipeline
from bcc.augment.keras_cv.crop_and_resize import KerasCvCropAndResize
from bcc.augment.keras_cv.cutout import KerasCvCutout
from bcc.augment.keras_cv.fourier_mix import KerasCvFourierMix
from bcc.augment.keras_cv.jittered_resize import KerasCvJitteredResize
from bcc.augment.keras_cv.mosaic import KerasCvMosaic
from bcc.augment.keras_cv.random_choice import KerasCvRandomChoice
from bcc.augment.keras_cv.solarization import KerasCvSolarization
from bcc.augment.keras_cv.zoom import KerasCvZoom

__all__ = [
    "KerasCvAugmentationPipeline",
    "KerasCvCropAndResize",
    "KerasCvCutout",
    "KerasCvFourierMix",
    "KerasCvJitteredResize",
    "KerasCvMosaic",
    "KerasCvRandomChoice",
    "KerasCvSolarization",
    "KerasCvZoom",
]
