from __future__ import annotations

import keras
import numpy as np
import pytest

from bcc.models import ModelOptions
from bcc.models.build import build_model


def test_output_is_one_probability_a_class(random_atto: keras.Model, rng_images: np.ndarray) -> None:
    found = random_atto(rng_images.astype(np.float32)).numpy()
    assert found.shape == (10, 4)
    assert found.dtype == np.float32
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


def test_logits_stand_before_the_softmax(random_atto: keras.Model, rng_images: np.ndarray) -> None:
    """Saliency reads scores there."""
    images = rng_images.astype(np.float32)
    logits = keras.Model(random_atto.input, random_atto.get_layer("logits").output)(images).numpy()
    expected = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(random_atto(images).numpy(), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("pooling", "layer"),
    [("avg", keras.layers.GlobalAveragePooling2D), ("max", keras.layers.GlobalMaxPooling2D)],
)
def test_pooling(pooling: str, layer: type) -> None:
    model = build_model(ModelOptions(image_size=32, pooling=pooling), 2)
    assert isinstance(model.get_layer("convnext_atto_head_gap"), layer)


def test_dropout_stands_before_the_logits_and_only_where_wanted(atto: keras.Model) -> None:
    model = build_model(ModelOptions(image_size=32, dropout=0.4), 2)
    names = [layer.name for layer in model.layers]
    assert names[names.index("logits") - 1] == "head_dropout"
    assert model.get_layer("head_dropout").rate == pytest.approx(0.4)
    assert "head_dropout" not in [layer.name for layer in atto.layers]


def test_penalties_are_on_the_heads_kernel_only() -> None:
    model = build_model(ModelOptions(image_size=32, l1=0.01, l2=0.1), 2)
    kernel = model.get_layer("logits").get_weights()[0]
    model(np.zeros((1, 32, 32, 3), np.float32))
    expected = 0.01 * np.abs(kernel).sum() + 0.1 * (kernel**2).sum()
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_the_seed_decides_the_first_weights() -> None:
    def weights(seed: int) -> list[np.ndarray]:
        keras.utils.set_random_seed(seed)
        return build_model(ModelOptions(image_size=32), 2).get_weights()

    first, again, other = weights(1), weights(1), weights(2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
