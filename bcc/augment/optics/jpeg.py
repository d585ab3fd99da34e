"""Store images as a small JPEG file and read them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Jpeg(Augmentation):
    """Stores the image as a JPEG of random quality and reads it again."""

    name: ClassVar[str] = "jpeg"
    title: ClassVar[str] = "JPEG"
    topic: ClassVar[Topic] = "optics"
    about: ClassVar[str] = "Stores the image as a JPEG of random quality and reads it again."
    hurts: ClassVar[str] = "When strong: blocks of 8 px hide granules and chromatin."
    neutral: ClassVar[dict[str, float]] = {"quality": 100.0}

    quality: int = option(25, "Lowest quality; 100 leaves the image as it is.", ge=5, le=100)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        lowest = per_image(parameters["quality"], images)
        quality = 100 - uniform(keys, 1, "jpeg")[:, 0] * (100 - lowest)
        quality = tf.cast(tf.round(quality), tf.int32)

        def stored(given: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            file = tf.raw_ops.EncodeJpegVariableQuality(images=given[0], quality=given[1])
            # TensorFlow's own choice is fast and tints images green by a level; this is what others read.
            return tf.io.decode_jpeg(file, channels=3, dct_method="INTEGER_ACCURATE")

        def compressed(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            pixels = tf.cast(tf.round(part), tf.uint8)
            read = tf.map_fn(stored, (pixels, tf.gather(quality, rows)), fn_output_signature=tf.uint8)
            return tf.cast(read, tf.float32)

        return change_some(quality < 100, images, compressed), labels
