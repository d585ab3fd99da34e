"""Put a head on a backbone: one flat model from pictures to class probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.models.convnext import backbone, model_name
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
        A model from pictures (batch, image_size, image_size, 3), values 0..255, to probabilities
        (batch, classes), float32.
    """
    import keras

    name = model_name(options.model)
    inputs, features = backbone(
        options.model,
        options.image_size,
        stem_stride=options.stem_stride,
        layer_scale=options.layer_scale,
        stochastic_depth=options.stochastic_depth,
    )
    pool = (
        keras.layers.GlobalAveragePooling2D if options.pooling == "avg" else keras.layers.GlobalMaxPooling2D
    )
    x = pool(name=f"{name}_head_gap")(features)
    x = keras.layers.LayerNormalization(epsilon=1e-6, name=f"{name}_head_layernorm")(x)
    if options.dropout:
        x = keras.layers.Dropout(options.dropout, name="head_dropout")(x)
    penalty = keras.regularizers.L1L2(options.l1, options.l2) if options.l1 or options.l2 else None
    # The logits stand in a layer of their own, and in float32 even under mixed precision.
    logits = keras.layers.Dense(classes, kernel_regularizer=penalty, dtype="float32", name="logits")(x)
    outputs = keras.layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
    return keras.Model(inputs, outputs, name=name)
