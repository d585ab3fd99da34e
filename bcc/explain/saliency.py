"""Saliency maps: one heat map per image, for any class, by any method, at any stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from bcc.explain.methods import Method, find_method
from bcc.explain.split_model import Parts, part
from bcc.explain.stages import Stage, find_stage
from bcc.models.resizing import resize_batch
from bcc.progress import Progress

if TYPE_CHECKING:
    import keras


class Explainer:
    """Saliency by one method for one model at one stage; create it once and reuse it.

    The first call of a size traces a graph, which takes seconds; those after it take milliseconds. There
    are two sizes, one image and a batch, and the last batch is padded: two traces at most.

    Args:
        model: a flat model, from images of values 0..255.
        layer: name of the layer that ends the stage (`bcc.explain.stages`); the default stage's when
            missing. Methods that look at pixels do not need one.
        method: a name, or a `Method` with its settings.
        batch_size: images a call.
        seed: for methods that draw.

    Raises:
        UserError: there is no such method or stage.
    """

    def __init__(
        self,
        model: keras.Model,
        layer: str | None = None,
        method: str | Method = "gradcam",
        batch_size: int = 16,
        seed: int = 0,
    ) -> None:
        import tensorflow as tf

        self.method = find_method(method) if isinstance(method, str) else method
        self.stage: Stage = find_stage(model, layer)
        self.seed = seed
        self.image_size = int(model.input_shape[1])
        self._at_once = self.method.images_at_once(batch_size)
        self._parts: Parts = part(model, self.stage)

        @tf.function(autograph=False, jit_compile=False, reduce_retracing=False)
        def call(images: Any, classes: Any, seed: Any) -> Any:
            return self.method.maps(self._parts, tf.cast(images, tf.float32), classes, seed)

        self._call = call

    @property
    def map_size(self) -> tuple[int, int]:
        """Height and width of the maps: the stage's, or the model's images'."""
        if self.method.at_stage:
            return self.stage.height, self.stage.width
        return self.image_size, self.image_size

    @property
    def where(self) -> str:
        """Where the map is taken, for a person: "stage 3 (6 x 6)" or "pixels (96 x 96)"."""
        return self.stage.label if self.method.at_stage else f"pixels ({self.image_size} x {self.image_size})"

    def __call__(
        self,
        images: np.ndarray,
        classes: np.ndarray,
        progress: Progress | None = None,
    ) -> np.ndarray:
        """Explain images.

        Args:
            images: uint8 (N, H, W, 3), any side.
            classes: int (N,), the class to explain in each image: position in the model's outputs.
            progress: called with (share done, sentence).

        Returns:
            float32 (N, h, w), `map_size`; 0..1 within each map, all 0 where nothing in the image speaks
            for the class.
        """
        return scaled(self.raw(images, classes, progress))

    def raw(
        self,
        images: np.ndarray,
        classes: np.ndarray,
        progress: Progress | None = None,
    ) -> np.ndarray:
        """Like calling it, but values as the method gives them: >= 0, comparable between images."""
        maps = np.zeros((len(images), *self.map_size), np.float32)
        wanted = np.asarray(classes, np.int32)
        size = 1 if len(images) == 1 else self._at_once
        seed = np.array([self.seed & 0x7FFFFFFF, self.seed >> 31], np.int32)
        for start in range(0, len(images), size):
            batch = resize_batch(np.asarray(images[start : start + size]), self.image_size)
            count = len(batch)
            filled = np.resize(np.arange(count), size)
            found = self._call(batch[filled], wanted[start : start + count][filled], seed)
            maps[start : start + count] = found.numpy()[:count]
            if progress:
                done = start + count
                progress(done / len(images), f"Explaining {done} of {len(images)} images")
        return maps


def scaled(maps: np.ndarray) -> np.ndarray:
    """Scale each map (N, h, w) of values >= 0 so that its highest value is 1; empty maps stay 0."""
    highest = maps.max(axis=(1, 2), keepdims=True)
    relative: np.ndarray = np.divide(maps, highest, out=np.zeros_like(maps, np.float32), where=highest > 0)
    return relative


def smoothed(heat: np.ndarray) -> np.ndarray:
    """Smooth a pixel-based map for display: blurred a little, and saturated at its 99th percentile.

    Args:
        heat: float32 (h, w), values >= 0.

    Returns:
        float32 (h, w), 0..1. For display only: scores use the unchanged map.
    """
    soft: np.ndarray = cv2.GaussianBlur(np.asarray(heat, np.float32), (0, 0), max(heat.shape) / 64)
    bright = float(np.quantile(soft, 0.99))
    return (soft / bright).clip(0, 1) if bright > 0 else soft


def enlarge(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize maps (N, h, w) smoothly to the size of an image: float32 (N, height, width), 0..1."""
    large = [cv2.resize(m, (width, height), interpolation=cv2.INTER_CUBIC) for m in maps.astype(np.float32)]
    return np.clip(np.stack(large), 0, 1) if large else np.zeros((0, height, width), np.float32)
