"""The head: from the last feature map to one probability a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.models.options import ModelOptions

if TYPE_CHECKING:
    import keras


def head(
    features: keras.KerasTensor, options: ModelOptions, classes: int, name: str, *, normalise: bool
) -> keras.KerasTensor:
    """Pool, normalise, pass hidden layers, and answer.

    Each hidden layer is dense, normalisation, ReLU, dropout, and starts as He et al. (2015) advise for
    ReLU. The penalty counts for every dense kernel of the head.

    Args:
        features: (batch, h, w, channels).
        options: pooling, hidden layers, dropout and penalties.
        classes: number of classes.
        name: prefix of the names of the first two layers, as in keras.applications.
        normalise: whether a layer norm follows the pooling, as in every ConvNeXt.

    Returns:
        Probabilities (batch, classes), float32.
    """
    import keras

    layers = keras.layers
    pool = layers.GlobalAveragePooling2D if options.pooling == "avg" else layers.GlobalMaxPooling2D
    penalty = keras.regularizers.L1L2(options.l1, options.l2) if options.l1 or options.l2 else None
    x = pool(name=f"{name}_head_gap")(features)
    if normalise:
        x = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_head_layernorm")(x)
    if options.dropout:
        x = layers.Dropout(options.dropout, name="head_dropout")(x)
    for position, size in enumerate(options.hidden_layers):
        x = layers.Dense(
            size,
            use_bias=options.hidden_norm == "none",
            kernel_initializer="he_normal",
            kernel_regularizer=penalty,
            name=f"head_hidden_{position}",
        )(x)
        if options.hidden_norm == "batch":
            x = layers.BatchNormalization(name=f"head_hidden_norm_{position}")(x)
        elif options.hidden_norm == "layer":
            x = layers.LayerNormalization(epsilon=1e-6, name=f"head_hidden_norm_{position}")(x)
        x = layers.Activation("relu", name=f"head_hidden_relu_{position}")(x)
        if options.dropout:
            x = layers.Dropout(options.dropout, name=f"head_hidden_dropout_{position}")(x)
    # The logits stand in a layer of their own, and in float32 even under mixed precision.
    logits = layers.Dense(classes, kernel_regularizer=penalty, dtype="float32", name="logits")(x)
    return layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
