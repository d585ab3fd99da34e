"""What training makes small, a number an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.training.config.train_config import TrainConfig

if TYPE_CHECKING:
    import keras


def make_loss(config: TrainConfig) -> keras.losses.Loss:
    """The loss of `config`, not yet averaged over the batch; label smoothing included.

    Focal loss weighs each image's cross-entropy with (1 - p)^gamma, p the probability of its class
    (Lin et al. 2017), so that gamma 0 is cross-entropy.
    """
    import keras

    if config.loss == "focal":
        return keras.losses.CategoricalFocalCrossentropy(
            alpha=1.0, gamma=config.focal_gamma, label_smoothing=config.label_smoothing, reduction=None
        )
    return keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing, reduction=None)
