"""Models to explain, for 64 pixels, whose every block speaks, since their scales are random."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from bcc.models import ARCHITECTURES, Architecture, ModelOptions
from bcc.models.build import build_model


@pytest.fixture(scope="package")
def model() -> keras.Model:
    """A whole atto."""
    return speaking_model()


@pytest.fixture(scope="package")
def small() -> keras.Model:
    """A very small network of the same make, for what is asked of many methods."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "atto", Architecture((1, 1, 1, 1), (8, 16, 24, 32), 0.03, False))
        return speaking_model()


def speaking_model() -> keras.Model:
    keras.utils.set_random_seed(4)
    model = build_model(ModelOptions(image_size=64), 4)
    rng = np.random.default_rng(4)
    for layer in model.layers:
        if layer.name.endswith("_layer_scale"):
            layer.gamma.assign(rng.uniform(0.5, 1.5, layer.gamma.shape))
    return model


@pytest.fixture(scope="package")
def images() -> np.ndarray:
    """Seven images uint8 (7, 64, 64, 3): noise with a bright square at a place of its own."""
    rng = np.random.default_rng(0)
    changed = rng.integers(0, 120, (7, 64, 64, 3), dtype=np.uint8)
    for image in changed:
        top, left = rng.integers(0, 44, 2)
        image[top : top + 20, left : left + 20] = rng.integers(150, 255, 3)
    return changed
