"""Our own ConvNeXt: the same function as keras.applications', several times faster on a CPU.

keras.applications builds the 7 x 7 depthwise convolution as `Conv2D(groups=channels)`, for which
TensorFlow has no good CPU kernel. Here it is a `DepthwiseConv2D`: the same arithmetic and the same
layer names, so that weights move from one to the other (`bcc.models.weights`). Stem and downsampling
layers stand in the graph itself instead of in nested `Sequential`s, so that every stage can be tapped
for a saliency map and frozen layer by layer.

Source: Liu et al., "A ConvNet for the 2020s", CVPR 2022, https://arxiv.org/abs/2201.03545.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.models.architectures import ARCHITECTURES, ModelName, Size

if TYPE_CHECKING:
    import keras

MEAN = (0.485 * 255, 0.456 * 255, 0.406 * 255)
"""Mean red, green, blue of ImageNet, pixel values in 0..255."""

VARIANCE = ((0.229 * 255) ** 2, (0.224 * 255) ** 2, (0.225 * 255) ** 2)
"""Their variances."""


def model_name(model: ModelName) -> str:
    """The prefix of every layer's name, as in keras.applications."""
    return "custom_cnn" if model == "custom-cnn" else f"convnext_{model}"


def backbone(
    size: Size,
    image_size: int,
    *,
    stem_stride: int = 4,
    layer_scale: float = 1e-6,
    stochastic_depth: float = 0.0,
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Build the graph from images to the last feature map.

    Args:
        size: member of the family.
        image_size: side of the square input, in pixels; 32 or more.
        stem_stride: step of the first convolution; 4 as published, 2 keeps twice the resolution at
            every stage (same weights, four times the work), which suits small images.
        layer_scale: first value of the learned scale of each block; 1e-6 as published is right for
            long training or ImageNet weights, 0.1 learns faster from nothing in a few epochs.
        stochastic_depth: chance that the last block is skipped in a training step, 0..1; it grows
            linearly from 0 at the first block (Huang et al. 2016).

    Returns:
        Input (batch, image_size, image_size, 3), float values in 0..255, and feature map
        (batch, h, w, channels), before the final normalisation.
    """
    import keras

    from bcc.models.layers import LayerScale

    name = model_name(size)
    depths, dims = ARCHITECTURES[size].depths, ARCHITECTURES[size].dims
    total = sum(depths)
    # The name that saved and exported models have had from the start.
    inputs = keras.Input((image_size, image_size, 3), name="pictures")
    x = keras.layers.Normalization(mean=MEAN, variance=VARIANCE, name=f"{name}_prestem_normalization")(inputs)
    block = 0
    for stage, (depth, dim) in enumerate(zip(depths, dims, strict=True)):
        x = _stem(x, dim, stem_stride, name) if stage == 0 else _downsampling(x, dim, stage - 1, name)
        for position in range(depth):
            prefix = f"{name}_stage_{stage}_block_{position}"
            y = keras.layers.DepthwiseConv2D(7, padding="same", name=f"{prefix}_depthwise_conv")(x)
            y = keras.layers.LayerNormalization(epsilon=1e-6, name=f"{prefix}_layernorm")(y)
            y = keras.layers.Dense(4 * dim, name=f"{prefix}_pointwise_conv_1")(y)
            y = keras.layers.Activation("gelu", name=f"{prefix}_gelu")(y)
            y = keras.layers.Dense(dim, name=f"{prefix}_pointwise_conv_2")(y)
            y = LayerScale(layer_scale, name=f"{prefix}_layer_scale")(y)
            skip = stochastic_depth * block / max(total - 1, 1)
            if skip > 0:
                # Dropping a whole image's branch is dropout whose mask has one value per image.
                y = keras.layers.Dropout(
                    skip, noise_shape=(None, 1, 1, 1), name=f"{prefix}_stochastic_depth"
                )(y)
            x = keras.layers.Add(name=f"{prefix}_output")([x, y])
            block += 1
    return inputs, x


def _stem(x: keras.KerasTensor, dim: int, stride: int, name: str) -> keras.KerasTensor:
    """Patches of 4 x 4 pixels to channels, then layer norm."""
    import keras

    # At stride 4 'valid' and 'same' agree for sides that 4 divides; 'valid' is the published form.
    padding = "valid" if stride == 4 else "same"
    x = keras.layers.Conv2D(dim, 4, strides=stride, padding=padding, name=f"{name}_stem_conv")(x)
    return keras.layers.LayerNormalization(epsilon=1e-6, name=f"{name}_stem_layernorm")(x)


def _downsampling(x: keras.KerasTensor, dim: int, index: int, name: str) -> keras.KerasTensor:
    """Layer norm, then a 2 x 2 convolution of stride 2 between two stages."""
    import keras

    x = keras.layers.LayerNormalization(epsilon=1e-6, name=f"{name}_downsampling_layernorm_{index}")(x)
    return keras.layers.Conv2D(dim, 2, strides=2, name=f"{name}_downsampling_conv_{index}")(x)
