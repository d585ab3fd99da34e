"""The saliency methods, one a file; importing them does not import tensorflow."""

from typing import Literal, get_args

from bcc.errors import UserError
from bcc.explain.methods.gradcam import GradCam
from bcc.explain.methods.gradcam_plus_plus import GradCamPlusPlus
from bcc.explain.methods.gradient import Gradient
from bcc.explain.methods.integrated_gradients import IntegratedGradients
from bcc.explain.methods.layercam import LayerCam
from bcc.explain.methods.method import Method
from bcc.explain.methods.occlusion import Occlusion
from bcc.explain.methods.scorecam import ScoreCam
from bcc.explain.methods.smoothgrad import SmoothGrad

MethodName = Literal[
    "gradcam",
    "gradcam++",
    "layercam",
    "scorecam",
    "gradient",
    "smoothgrad",
    "integrated_gradients",
    "occlusion",
]
METHODS: tuple[MethodName, ...] = get_args(MethodName)
KINDS: dict[str, type[Method]] = {
    kind.name: kind
    for kind in (
        GradCam,
        GradCamPlusPlus,
        LayerCam,
        ScoreCam,
        Gradient,
        SmoothGrad,
        IntegratedGradients,
        Occlusion,
    )
}
"""Name -> class, in the order in which they are offered."""


def find_method(name: str) -> Method:
    """A method with its usual settings.

    Raises:
        UserError: there is no such method.
    """
    if name not in KINDS:
        raise UserError(f"There is no method '{name}': choose one of {', '.join(KINDS)}.")
    return KINDS[name]()


__all__ = [
    "KINDS",
    "METHODS",
    "GradCam",
    "GradCamPlusPlus",
    "Gradient",
    "IntegratedGradients",
    "LayerCam",
    "Method",
    "MethodName",
    "Occlusion",
    "ScoreCam",
    "SmoothGrad",
    "find_method",
]
