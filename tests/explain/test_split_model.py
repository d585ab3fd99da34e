from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from bcc.errors import UserError
from bcc.explain import Explainer, stages
from bcc.explain.split_model import part


def plain_network(*, softmax_apart: bool = True) -> keras.Model:
    """A network that is not ours: two convolutions, a pooling, a third."""
    layers = keras.layers
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(x)
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="second")(x)
    x = layers.MaxPooling2D(2, name="pool")(x)
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="third")(x)
    x = layers.GlobalAveragePooling2D()(x)
    if softmax_apart:
        return keras.Model(inputs, layers.Softmax()(layers.Dense(3)(x)))
    return keras.Model(inputs, layers.Dense(3, activation="softmax", name="answer")(x))


def test_the_parts_are_the_model_and_share_its_weights(small: keras.Model, images: np.ndarray) -> None:
    seen = tf.constant(images[:2], tf.float32)
    for stage in stages(small):
        parts = part(small, stage)
        joined = parts.rest(parts.trunk(seen, training=False), training=False).numpy()
        np.testing.assert_allclose(keras.ops.softmax(joined), small(seen, training=False), atol=1e-4)
        assert {id(w) for w in (*parts.trunk.weights, *parts.rest.weights)} == {id(w) for w in small.weights}


def test_other_networks_have_a_stage_for_each_size_of_their_maps() -> None:
    found = stages(plain_network())
    assert [(stage.layer, stage.label) for stage in found] == [
        ("second", "stage 1 (32 x 32)"),
        ("third", "stage 2 (16 x 16)"),
    ]


@pytest.mark.parametrize("method", ["gradcam", "gradient"])
def test_other_networks_can_be_explained(method: str) -> None:
    keras.utils.set_random_seed(0)
    image = np.random.default_rng(0).integers(0, 255, (1, 40, 40, 3), np.uint8)
    maps = [Explainer(plain_network(), "second", method)(image, np.array([label])) for label in range(3)]
    assert maps[0].shape == (1, 32, 32)
    assert max(one.max() for one in maps) == 1


def test_a_softmax_inside_the_last_layer_is_one_sentence() -> None:
    with pytest.raises(UserError, match="The model's last layer 'answer' holds its scores and their softmax"):
        Explainer(plain_network(softmax_apart=False))


def test_a_model_without_maps_is_one_sentence() -> None:
    inputs = keras.Input((8, 8, 3))
    flat = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(inputs)))
    with pytest.raises(UserError, match="The model has no convolution"):
        Explainer(flat)
