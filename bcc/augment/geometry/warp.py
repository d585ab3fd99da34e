"""The one kernel behind every step that moves pixels: read the image at other places, between pixels too.

Written with gathers, because TensorFlow's own projective transform, about as fast on a CPU, cannot bend and
fills a border in one way for a whole batch. Coordinates are exact at rest: an image that is not moved comes
back bit for bit.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf

Fill = Literal["reflect", "background", "constant"]


class Warp(Augmentation):
    """Base of steps that move pixels, and what they put where the image ends."""

    topic: ClassVar[Topic] = "geometry"

    fill: Fill = option(
        "reflect",
        "What is seen beyond the border: the image mirrored, its own background colour, or one grey.",
    )
    level: float = option(255.0, "Grey that 'constant' fills with; 0 is black.", ge=0, le=255)

    @classmethod
    @abstractmethod
    def places(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Where each pixel of the result is read.

        Args:
            height, width: float32 (), of the images.
            keys: int32 (N, 2).
            parameters: as of `apply`, each already (N,).

        Returns:
            y and x, float32 (N, H, W), in pixels.
        """

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        height, width = (tf.cast(tf.shape(images)[axis], tf.float32) for axis in (1, 2))
        each = {name: per_image(value, images) for name, value in parameters.items()}
        y, x = cls.places(height, width, keys, each)
        return sample(images, y, x, each["fill"], each["level"]), labels


class Affine(Warp):
    """Base of steps that keep straight lines straight: one matrix an image."""

    @classmethod
    @abstractmethod
    def matrix(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tf.Tensor:
        """From a place in the result to where it is read, both from the centre in pixels.

        Returns:
            float32 (N, 6): a, b, c, d, e, f of x' = a x + b y + c and y' = d x + e y + f.
        """

    @classmethod
    def places(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return affine_places(height, width, cls.matrix(height, width, keys, parameters))


def from_centre(height: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """y (1, H, 1) and x (1, 1, W) of every pixel as seen from the centre, and the centre itself."""
    import tensorflow as tf

    middle, centre = (height - 1) / 2, (width - 1) / 2
    return tf.range(height)[None, :, None] - middle, tf.range(width)[None, None, :] - centre, middle, centre


def affine_places(height: tf.Tensor, width: tf.Tensor, matrix: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Places of `Affine.matrix`, float32 (N, H, W) each."""
    import tensorflow as tf

    y, x, middle, centre = from_centre(height, width)
    # Not matrix[:, 0, None, None]: grappler reduces a slice of a stack to the part without the new axes.
    a, b, c, d, e, f = (part[:, None, None] for part in tf.unstack(matrix, axis=1))
    return e * y + (f + middle) + d * x, a * x + (c + centre) + b * y


def sample(images: tf.Tensor, y: tf.Tensor, x: tf.Tensor, fill: Any, level: Any) -> tf.Tensor:
    """Read images at other places, bilinear.

    Args:
        images: float32 (N, H, W, 3).
        y, x: float32 (N, H, W), in pixels from the first one's centre.
        fill: float32 (N,), place among the choices of `Fill`.
        level: float32 (N,), the grey of "constant".

    Returns:
        float32 (N, H, W, 3).
    """
    import tensorflow as tf

    number, height, width = tf.shape(images)[0], tf.shape(images)[1], tf.shape(images)[2]
    last_y, last_x = tf.cast(height, tf.float32) - 1, tf.cast(width, tf.float32) - 1
    inner_y, inner_x = _mirrored(y, last_y), _mirrored(x, last_x)
    top, left = tf.floor(inner_y), tf.floor(inner_x)
    down, right = (inner_y - top)[..., None], (inner_x - left)[..., None]
    below = tf.cast(tf.minimum(top + 1, last_y) - top, tf.int32) * width
    beside = tf.cast(tf.minimum(left + 1, last_x) - left, tf.int32)
    first = tf.range(number)[:, None, None] * (height * width)
    first += tf.cast(top, tf.int32) * width + tf.cast(left, tf.int32)
    pixels = tf.reshape(images, [-1, 3])
    upper, lower = tf.gather(pixels, first), tf.gather(pixels, first + below)
    upper += right * (tf.gather(pixels, first + beside) - upper)
    lower += right * (tf.gather(pixels, first + below + beside) - lower)
    result = tf.clip_by_value(upper + down * (lower - upper), 0.0, 255.0)

    def filled() -> tf.Tensor:
        beyond = (tf.abs(y - last_y / 2) > last_y / 2 + 0.5) | (tf.abs(x - last_x / 2) > last_x / 2 + 0.5)
        covered = tf.cast(beyond & (fill > 0)[:, None, None], tf.float32)[..., None]
        grey = tf.cast(fill > 1, tf.float32)[:, None]
        colour = grey * level[:, None] + (1 - grey) * background(images)
        return result * (1 - covered) + covered * colour[:, None, None, :]

    result = tf.cond(tf.reduce_any(fill > 0), filled, lambda: result)
    return tf.ensure_shape(result, images.shape)


def slide(images: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
    """Read every line of pixels from farther right, each from its own distance; the border is mirrored.

    The same as `sample` with x moved by `shift`, for a third of the work: one pixel is gathered for each
    place, and its neighbour's has been gathered for the place beside it.

    Args:
        images: float32 (N, H, W, 3).
        shift: float32 (N, H), in pixels.
    """
    import tensorflow as tf

    number, height, width = tf.shape(images)[0], tf.shape(images)[1], tf.shape(images)[2]
    whole = tf.floor(shift)
    column = tf.cast(whole, tf.int32)[..., None] + tf.range(width + 1)
    along = tf.math.floormod(column, 2 * width)
    column = tf.minimum(along, 2 * width - 1 - along)
    line = tf.reshape(tf.range(number * height) * width, [number, height, 1])
    read = tf.gather(tf.reshape(images, [-1, 3]), line + column)
    here, beside = read[:, :, :-1], read[:, :, 1:]
    part = (shift - whole)[..., None, None]
    return tf.ensure_shape(here + part * (beside - here), images.shape)


def lift(images: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
    """Read every line of pixels from farther down, one distance an image; the border is mirrored.

    The same as `sample` with y moved by `shift`, for a seventh of the work: lines are gathered whole.

    Args:
        images: float32 (N, H, W, 3).
        shift: float32 (N,), in pixels.
    """
    import tensorflow as tf

    number, height, width = tf.shape(images)[0], tf.shape(images)[1], tf.shape(images)[2]
    whole = tf.floor(shift)
    along = tf.math.floormod(tf.cast(whole, tf.int32)[:, None] + tf.range(height + 1), 2 * height)
    line = tf.minimum(along, 2 * height - 1 - along) + tf.range(number)[:, None] * height
    read = tf.gather(tf.reshape(images, [number * height, 3 * width]), line)
    here, below = read[:, :-1], read[:, 1:]
    part = (shift - whole)[:, None, None]
    return tf.reshape(here + part * (below - here), tf.shape(images))


def background(images: tf.Tensor) -> tf.Tensor:
    """Colour of the glass around a cell: mean of the brighter pixels along the border, float32 (N, 3)."""
    import tensorflow as tf

    sides = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    border = tf.concat(sides, axis=1)
    green = border[..., 1]
    bright = tf.cast(green >= tf.reduce_mean(green, axis=1, keepdims=True), tf.float32)[..., None]
    total = tf.maximum(tf.reduce_sum(bright, axis=1), 1.0)
    return tf.clip_by_value(tf.reduce_sum(border * bright, axis=1) / total, 0.0, 255.0)


def _mirrored(place: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
    """Places beyond the border as those that a mirror along the border would show."""
    import tensorflow as tf

    period = 2 * (last + 1)
    along = tf.math.floormod(place + 0.5, period)
    return tf.clip_by_value(tf.minimum(along, period - along) - 0.5, 0.0, last)
