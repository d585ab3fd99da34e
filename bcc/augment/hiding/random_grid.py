"""Some fields of a grid are hidden, each by a separate draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.hiding.fill import Fill, covered
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


MOST_FIELDS = 32
"""Most fields along a side; one draw is made for each field of the finest grid."""


class RandomGrid(Augmentation):
    """Divide the image into fields and hide each with the same chance."""

    name: ClassVar[str] = "random_grid"
    title: ClassVar[str] = "Random mask grid"
    topic: ClassVar[Topic] = "hiding"
    about: ClassVar[str] = "Hides some fields of a grid, each by a separate draw."
    hurts: ClassVar[str] = "With few fields a platelet can vanish as a whole."
    paper: ClassVar[str] = "Singh and Lee, Hide-and-Seek, 2017"
    neutral: ClassVar[dict[str, float]] = {"ratio": 0.0}

    ratio: float = option(
        0.2, "Chance that a field is hidden, so the share that is hidden on average.", ge=0, le=1
    )
    fields: int = option(8, "Fields along each side.", ge=1, le=32)
    fill: Fill = option("black", "What the fields are filled with; mean is the image's mean colour.")

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        fields = per_image(parameters["fields"], images)
        draws = uniform(keys, MOST_FIELDS * MOST_FIELDS, "random grid")
        hidden = draws < per_image(parameters["ratio"], images)[:, None]

        def field_at(length: tf.Tensor) -> tf.Tensor:
            share = (tf.range(length, dtype=tf.float32) + 0.5) / tf.cast(length, tf.float32)
            return tf.cast(share[None] * fields[:, None], tf.int32)

        down, across = field_at(tf.shape(images)[1]), field_at(tf.shape(images)[2])
        rows = tf.gather(tf.reshape(hidden, [-1, MOST_FIELDS, MOST_FIELDS]), down, batch_dims=1)
        covers = tf.gather(tf.transpose(rows, [0, 2, 1]), across, batch_dims=1)
        return covered(images, tf.transpose(covers, [0, 2, 1])[..., None], parameters["fill"]), labels
