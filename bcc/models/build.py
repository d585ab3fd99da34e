"""Put a head on a backbone: one flat model from images to class probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.models.convnext import backbone, model_name
from bcc.models.custom_cnn import custom_cnn
from bcc.models.head import head
from bcc.models.options import ModelOptions

if TYPE_CHECKING:
    import keras


def build_model(options: ModelOptions, classes: int) -> keras.Model:
    """Build an untrained classifier.

    The model is flat (backbone and head in one graph), so that saliency methods can reach every
    layer. Its weights are random whatever `options.weights` says; `bcc.models.weights` fills them.

    Args:
        options: size, image size and head.
        classes: number of classes, 2 or more.

    Returns:
        A model from images (batch, image_size, image_size, 3), values 0..255, to probabilities
        (batch, classes), float32.
    """
    import keras

    if options.model == "custom-cnn":
        inputs, features = custom_cnn(options.image_size)
    else:
        inputs, features = backbone(
            options.model,
            options.image_size,
            stem_stride=options.stem_stride,
            layer_scale=options.layer_scale,
            stochastic_depth=options.stochastic_depth,
        )
    name = model_name(options.model)
    # A ConvNeXt's features are not normalised yet; those of the plain network are.
    outputs = head(features, options, classes, name, normalise=options.model != "custom-cnn")
    return keras.Model(inputs, outputs, name=name)
