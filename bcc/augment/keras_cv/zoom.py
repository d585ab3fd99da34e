"""keras-cv's RandomZoom: taller or flatter, wider or narrower."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.keras_cv.step import KerasCvStep, made
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvZoom(KerasCvStep):
    """Stretch or squeeze each direction by its own draw, about the middle; beyond the border it mirrors."""

    name: ClassVar[str] = "keras_cv.random_zoom"
    title: ClassVar[str] = "Stretch (keras-cv)"
    topic: ClassVar[Topic] = "geometry"
    about: ClassVar[str] = "Stretches or squeezes the image upwards and sideways, each by its own draw."
    hurts: ClassVar[str] = "A round lymphocyte becomes as long as a monocyte; beyond the border cells repeat."
    neutral: ClassVar[dict[str, float]] = {"height": 0.0, "width": 0.0}

    height: float = option(0.25, "Largest change of the height: 0.25 is from 4/5 to 5/4.", ge=0, le=1)
    width: float = option(0.25, "Largest change of the width: 0.25 is from 4/5 to 5/4.", ge=0, le=1)

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = 2 * uniform(keys, 2, cls.name) - 1
        # Even in the logarithm, so that twice and half the size are as likely.
        zooms = {}
        for axis, name in enumerate(("height", "width")):
            most = tf.math.log1p(per_image(parameters[name], images))
            zooms[f"{name}_zooms"] = tf.exp(draw[:, axis] * most)[:, None]
        layer = made(lambda layers: layers.RandomZoom(0.0, 0.0, fill_mode="reflect", dtype="float32"))
        return layer.augment_images(images, zooms), labels
