"""keras-cv's FourierMix: wavy bands of another image are pasted in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.keras_cv.step import Draws, KerasCvStep, made
from bcc.augment.mixing.partners import partners
from bcc.augment.mixing.shares import beta, pasted
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvFourierMix(KerasCvStep):
    """Paste a partner where the layer's pattern is low; the label is the share of pixels.

    keras-cv takes two lines of the drawn spectrum for its real and imaginary part. So its patterns are wavy
    bands that go on over the border, where the paper has clouds; those are `fmix`.
    """

    name: ClassVar[str] = "keras_cv.fourier_mix"
    title: ClassVar[str] = "FourierMix (keras-cv)"
    topic: ClassVar[Topic] = "mixing"
    about: ClassVar[str] = (
        "Pastes wavy bands of another cell; both labels count by the pixels that are there."
    )
    hurts: ClassVar[str] = "A band through the middle leaves halves of both nuclei."
    paper: ClassVar[str] = "Harris et al., FMix: Enhancing Mixed Sample Data Augmentation, 2020"
    neutral: ClassVar[dict[str, float]] = {"share": 0.0}

    alpha: float = option(
        0.5, "Shape of the draw: small for nearly whole images, 1 for any share alike.", ge=0.05, le=8
    )
    share: float = option(1.0, "Largest share of the partner; the draw is multiplied by it.", ge=0, le=1)
    decay: float = option(3.0, "How much weaker finer waves are; larger for smoother bands.", ge=0, le=6)

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        alpha, share, decay = (per_image(parameters[name], images) for name in ("alpha", "share", "decay"))
        own = 1 - share * beta(keys, alpha, cls.name)
        size = tf.constant(images.shape[1:3].as_list(), tf.int32)
        layer = made(lambda layers: layers.FourierMix(dtype="float32"))

        def mask(part: tuple[tf.Tensor, ...]) -> tf.Tensor:
            key, share, decay = part
            Draws(key, cls.name).given_to(layer)
            pattern = layer._sample_mask_from_transform(tf.cast(decay, tf.float64), size)
            return tf.reshape(layer._binarise_mask(pattern, share, size), images.shape[1:3])

        spec = tf.TensorSpec(images.shape[1:3], tf.float32)
        masks = tf.map_fn(mask, (keys, own, decay), fn_output_signature=spec)
        return pasted(images, labels, masks < 0.5, partners(keys))
