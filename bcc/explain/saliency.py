"""Where a model looks: one heat map a picture, for any class, at any stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, get_args

import cv2
import numpy as np

from bcc.explain.stages import find_stage
from bcc.models.resizing import resize_batch

if TYPE_CHECKING:
    import keras

Method = Literal["gradcam"]
METHODS: tuple[Method, ...] = get_args(Method)


class Explainer:
    """Saliency for one model; make it once and keep it.

    Grad-CAM (Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391) by tf-keras-vis: the feature
    maps of a stage, weighted by the mean gradient of the class's score with respect to each, and only
    what speaks for the class.

    Args:
        model: a flat model of `bcc.models.build_model` with a layer named "logits".
        layer: name of the layer that ends the stage (`bcc.explain.stages`); the default stage's when
            missing.
        batch_size: pictures a call.
    """

    def __init__(self, model: keras.Model, layer: str | None = None, batch_size: int = 16) -> None:
        import keras
        from tf_keras_vis.gradcam import Gradcam

        self.stage = find_stage(model, layer)
        self.batch_size = batch_size
        self.image_size = int(model.input_shape[1])
        # Scores are taken before the softmax: behind it, a sure model has hardly any gradient left.
        # A model that ends there shares the weights, so nothing needs to be cloned.
        before_softmax = keras.Model(model.inputs, model.get_layer("logits").output)
        self._gradcam = Gradcam(before_softmax, clone=False)

    def __call__(
        self,
        images: np.ndarray,
        classes: np.ndarray,
        progress: Callable[[float, str], None] | None = None,
    ) -> np.ndarray:
        """Explain pictures.

        Args:
            images: uint8 (N, H, W, 3), any side.
            classes: int (N,), the class to explain in each picture: position in the model's outputs.
            progress: called with (share done, sentence).

        Returns:
            float32 (N, h, w), the stage's map size; 0..1 within each map, all 0 where nothing in the
            picture speaks for the class.
        """
        from tf_keras_vis.utils.scores import CategoricalScore

        maps = np.zeros((len(images), self.stage.height, self.stage.width), np.float32)
        for start in range(0, len(images), self.batch_size):
            part = slice(start, start + self.batch_size)
            pictures = resize_batch(np.asarray(images[part]), self.image_size).astype(np.float32)
            maps[part] = self._gradcam(
                CategoricalScore([int(c) for c in classes[part]]),
                pictures,
                penultimate_layer=self.stage.layer,
                seek_penultimate_conv_layer=False,
                expand_cam=False,
                normalize_cam=False,
            )
            if progress:
                done = min(start + self.batch_size, len(images))
                progress(done / len(images), f"Explaining {done} of {len(images)} pictures")
        return scaled(maps)


def scaled(maps: np.ndarray) -> np.ndarray:
    """Scale each map (N, h, w) of values >= 0 so that its highest value is 1; empty maps stay 0."""
    highest = maps.max(axis=(1, 2), keepdims=True)
    return np.divide(maps, highest, out=np.zeros_like(maps, np.float32), where=highest > 0)


def enlarge(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bring maps (N, h, w) smoothly to a picture's size: float32 (N, height, width), 0..1."""
    large = [cv2.resize(m, (width, height), interpolation=cv2.INTER_CUBIC) for m in maps.astype(np.float32)]
    return np.clip(np.stack(large), 0, 1) if large else np.zeros((0, height, width), np.float32)
