"""Saliency maps by tf-keras-vis: the same methods at the same stages, on the same scores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.errors import UserError
from bcc.explain.keras_vis.seeded import numpy_seeded
from bcc.explain.methods import Method, ScoreCam, SmoothGrad, find_method
from bcc.explain.saliency import Explainer
from bcc.explain.split_model import scores_of
from bcc.explain.stages import find_stage
from bcc.models.resizing import resize_batch
from bcc.progress import Progress

if TYPE_CHECKING:
    import keras

LIBRARY = "tf-keras-vis"

METHODS_OF_LIBRARY = {
    "gradcam": ("gradcam", "Gradcam"),
    "gradcam++": ("gradcam", "GradcamPlusPlus"),
    "layercam": ("layercam", "Layercam"),
    "scorecam": ("scorecam", "Scorecam"),
    "gradient": ("saliency", "Saliency"),
    "smoothgrad": ("saliency", "Saliency"),
}
"""Our name of a method -> its module and class there; it has no integrated gradients and no occlusion."""


class LibraryExplainer(Explainer):
    """An `Explainer` whose maps are computed by tf-keras-vis, one image at a time.

    It uses the unchanged model up to its scores, without the hand-written gradients that make BCC fast.

    Args:
        model, layer, method, seed: as of `Explainer`. The noise of SmoothGrad follows from the seed, but is
            drawn otherwise than ours.

    Raises:
        UserError: there is no such method, here or there, or no such stage.
    """

    def __init__(
        self, model: keras.Model, layer: str | None = None, method: str | Method = "gradcam", seed: int = 0
    ) -> None:
        import importlib

        import keras

        self.method = find_method(method) if isinstance(method, str) else method
        if self.method.name not in METHODS_OF_LIBRARY:
            known = ", ".join(METHODS_OF_LIBRARY)
            raise UserError(f"{LIBRARY} has no method '{self.method.name}': choose one of {known}.")
        self.stage = find_stage(model, layer)
        self.seed = seed
        self.image_size = int(model.input_shape[1])
        module, name = METHODS_OF_LIBRARY[self.method.name]
        kind = getattr(importlib.import_module(f"tf_keras_vis.{module}"), name)
        # Without a modifier nothing is cloned, and nothing of the model is changed.
        self._ask = kind(keras.Model(model.inputs, scores_of(model)))

    def raw(
        self,
        images: np.ndarray,
        classes: np.ndarray,
        progress: Progress | None = None,
    ) -> np.ndarray:
        from tf_keras_vis.utils.scores import CategoricalScore

        maps = np.zeros((len(images), *self.map_size), np.float32)
        for place, (image, wanted) in enumerate(zip(images, classes, strict=True)):
            one = resize_batch(np.asarray(image[None]), self.image_size).astype(np.float32)
            # The same noise for every image, so that a map does not depend on the others in its batch.
            with numpy_seeded(self.seed), _without_bars():
                heat = self._ask(CategoricalScore([int(wanted)]), one, **self._settings())
            maps[place] = np.maximum(np.asarray(heat)[0], 0)
            if progress:
                done = place + 1
                progress(done / len(images), f"{LIBRARY} explains {done} of {len(images)} images")
        return maps

    def _settings(self) -> dict[str, Any]:
        if not self.method.at_stage:
            settings: dict[str, Any] = {"normalize_map": False}
            if isinstance(self.method, SmoothGrad):
                settings |= {"smooth_samples": self.method.samples, "smooth_noise": self.method.noise}
            return settings
        settings = {
            "penultimate_layer": self.stage.layer,
            "seek_penultimate_conv_layer": False,
            "expand_cam": False,
            "normalize_cam": False,
        }
        if isinstance(self.method, ScoreCam):
            settings["max_N"] = self.method.channels or None
        return settings


@contextmanager
def _without_bars() -> Iterator[None]:
    """No bar for every image on standard output: ScoreCAM asks by `Model.predict`."""
    import keras

    shown = keras.utils.is_interactive_logging_enabled()
    keras.utils.disable_interactive_logging()
    try:
        yield
    finally:
        if shown:
            keras.utils.enable_interactive_logging()
