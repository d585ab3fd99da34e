"""Models that several tests look at; none may change them."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from bcc.models import ModelOptions
from bcc.models.build import build_model


def with_random_weights(model: keras.Model, seed: int) -> keras.Model:
    """Every weight drawn anew: norms, biases and layer scales too, which would start as ones and zeros."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        shape = tuple(weight.shape)
        if len(shape) > 1:
            spread = np.sqrt(1 / np.prod(shape[:-1]))
            weight.assign(rng.normal(0, spread, shape))
        elif weight.path.endswith("gamma"):
            weight.assign(rng.uniform(0.5, 1.5, shape))
        else:
            weight.assign(rng.normal(0, 0.2, shape))
    return model


@pytest.fixture(scope="session")
def reference_tiny() -> keras.Model:
    """keras.applications' own tiny with random weights and five classes."""
    model = keras.applications.ConvNeXtTiny(weights=None, input_shape=(64, 64, 3), classes=5)
    return with_random_weights(model, 1)


@pytest.fixture(scope="session")
def atto() -> keras.Model:
    """An atto for 32 pixels and four classes, as it is built."""
    return build_model(ModelOptions(image_size=32), 4)


@pytest.fixture(scope="session")
def random_atto() -> keras.Model:
    """An atto for 32 pixels and four classes whose every weight is random, so that its answers differ."""
    return with_random_weights(build_model(ModelOptions(image_size=32), 4), 2)


@pytest.fixture
def rng_images() -> np.ndarray:
    """Ten noise images, uint8 (10, 32, 32, 3)."""
    return np.random.default_rng(0).integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
