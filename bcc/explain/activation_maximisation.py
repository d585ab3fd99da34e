"""Activation maximisation: optimise an image from noise until a model predicts a class with confidence.

Erhan et al. 2009; Olah et al. 2017, https://distill.pub/2017/feature-visualization. Without regularisation
the result is fine noise, so the image is shifted a little before each step, smoothed now and then, and its
roughness is penalised. The result is not a cell of the training set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.explain.split_model import part
from bcc.explain.stages import find_stage
from bcc.progress import Progress

if TYPE_CHECKING:
    import keras

JITTER = 4
"""Maximum shift of the image before each step, in px."""

BLUR_EVERY = 8
"""Steps between two smoothings."""

ROUGHNESS = 0.02
"""Score that one grey level of mean difference between neighbours costs."""


def class_images(
    model: keras.Model,
    classes: np.ndarray,
    steps: int = 160,
    seed: int = 0,
    progress: Progress | None = None,
) -> np.ndarray:
    """Generate one image per class.

    Args:
        model: a flat model.
        classes: int (K,), positions in the model's outputs.
        steps: of gradient ascent.
        seed: of the noise that it begins with and of the shifts; the same seed gives the same images.
        progress: called with (share done, sentence); what it raises ends the work.

    Returns:
        uint8 (K, side, side, 3) RGB.
    """
    import keras
    import tensorflow as tf

    parts = part(model, find_stage(model, None))
    wanted = tf.constant(classes, tf.int32)
    start = tf.random.stateless_normal((len(classes), parts.side, parts.side, 3), (seed & 0x7FFFFFFF, 0))
    # A pixel is a sigmoid of its value, so that it never leaves 0..255. Glass is light, and so is the start.
    canvas = tf.Variable(1.5 + 0.1 * start)
    optimizer = keras.optimizers.Adam(0.06)
    optimizer.build([canvas])

    @tf.function(autograph=False, jit_compile=False)
    def step(shift: Any) -> None:
        with tf.GradientTape() as tape:
            images = 255 * tf.sigmoid(canvas)
            seen = tf.roll(images, shift, axis=(1, 2))
            scores = parts.whole(seen, training=False)
            score = tf.gather(scores, wanted, batch_dims=1)
            rough = tf.image.total_variation(images) / (parts.side * parts.side * 3)
            loss = tf.reduce_sum(ROUGHNESS * rough - score)
        optimizer.apply([tape.gradient(loss, canvas)], [canvas])

    shifts = np.random.default_rng(seed).integers(-JITTER, JITTER + 1, (steps, 2)).astype(np.int32)
    for number, shift in enumerate(shifts):
        step(shift)
        if number % BLUR_EVERY == 0 and number < 0.8 * steps:
            canvas.assign(_smoothed(canvas))
        if progress and number % 4 == 0:
            progress(number / steps, f"Making up images, step {number} of {steps}")
    if progress:
        progress(1, "Generated")
    images: np.ndarray = np.rint(255 * tf.sigmoid(canvas).numpy()).astype(np.uint8)
    return images


def _smoothed(canvas: Any) -> Any:
    """A 3 x 3 blur of each colour by itself."""
    import tensorflow as tf

    line = tf.constant([0.15, 0.7, 0.15])
    kernel = tf.tile((line[:, None] * line[None])[..., None, None], (1, 1, 3, 1))
    padded = tf.pad(canvas, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="SYMMETRIC")
    return tf.nn.depthwise_conv2d(padded, kernel, (1, 1, 1, 1), "VALID")
