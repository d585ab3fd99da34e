"""The plain network of a course project: nine convolutions, each with ReLU and batch normalisation.

Its notebook stopped on a size mismatch: a map that was too small for the next pooling. Here convolutions
after the first keep their size and pooling keeps a rest at the border, so that any image of 32 px or more
passes. Convolutions are numbered as blocks within stages, like those of a ConvNeXt, so that they are frozen
and looked at by the same code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.models.convnext import MEAN, VARIANCE

if TYPE_CHECKING:
    import keras

STAGES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((256, 5),),
    ((256, 3), (256, 1), (256, 1), (512, 3)),
    ((512, 3), (512, 3)),
    ((512, 3),),
)
"""(filters, side of the kernel) of each convolution after the first; a pooling ends each stage."""

POOLS = (3, 2, 2, 2)
"""Side and step of the pooling at the end of each stage."""


def custom_cnn(image_size: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Build the graph from images to the last feature map.

    The notebook's dropout before the pooling stands after it, in the head: at 96 px, where the last map
    is 1 x 1, that is the same.

    Args:
        image_size: side of the square input, in pixels; 32 or more.

    Returns:
        Input (batch, image_size, image_size, 3), float values in 0..255, and feature map
        (batch, h, w, 512).
    """
    import keras

    layers = keras.layers
    # The name that saved and exported models have had from the start.
    inputs = keras.Input((image_size, image_size, 3), name="pictures")
    x = layers.Normalization(mean=MEAN, variance=VARIANCE, name="custom_cnn_prestem_normalization")(inputs)
    x = _convolution(x, 128, 8, "custom_cnn_stage_0_block_0", stride=3, padding="valid")
    for stage, (stage_layers, pool) in enumerate(zip(STAGES, POOLS, strict=True)):
        for position, (filters, side) in enumerate(stage_layers):
            # The first convolution, which halves and more, counts with the stage that follows it.
            block = position + (stage == 0)
            x = _convolution(x, filters, side, f"custom_cnn_stage_{stage}_block_{block}")
        x = layers.MaxPooling2D(pool, padding="same", name=f"custom_cnn_stage_{stage}_block_{block}_pool")(x)
    return inputs, x


def _convolution(
    x: keras.KerasTensor, filters: int, side: int, prefix: str, stride: int = 1, padding: str = "same"
) -> keras.KerasTensor:
    """Convolution, ReLU, then batch normalisation, in the notebook's order."""
    import keras

    x = keras.layers.Conv2D(
        filters, side, strides=stride, padding=padding, activation="relu", name=f"{prefix}_conv"
    )(x)
    # Keras' own 0.99 takes hundreds of steps to forget where it began: small sets would be scored wrongly.
    return keras.layers.BatchNormalization(momentum=0.9, name=f"{prefix}_output")(x)
