"""The network written anew for cheaper gradients answers as the network itself does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from bcc.explain.lean import _Lean, lean


def scores_and_gradients(model: keras.Model, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    seen = tf.constant(pictures, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(seen)
        scores = model(seen, training=False)
        best = tf.reduce_sum(scores * tf.constant(np.linspace(-1, 2, scores.shape[-1]), scores.dtype))
    return scores.numpy(), tape.gradient(best, seen).numpy()


def up_to_scores(model: keras.Model) -> keras.Model:
    return keras.Model(model.input, model.get_layer("logits").output)


def test_scores_and_gradients_are_the_networks_own(small: keras.Model, pictures: np.ndarray) -> None:
    plain = up_to_scores(small)
    cheap = lean(plain)
    (scores, gradients), (same, alike) = (
        scores_and_gradients(one, pictures[:3, :64, :64]) for one in (plain, cheap)
    )
    np.testing.assert_allclose(same, scores, rtol=1e-4, atol=1e-4 * np.abs(scores).max())
    np.testing.assert_allclose(alike, gradients, atol=1e-3 * np.abs(gradients).max())


def test_every_costly_layer_of_a_convnext_is_written_anew(small: keras.Model) -> None:
    cheap = lean(up_to_scores(small))
    kinds = (keras.layers.LayerNormalization, keras.layers.DepthwiseConv2D, keras.layers.Conv2D)
    assert not [layer.name for layer in cheap.layers if isinstance(layer, kinds)]
    anew = {type(layer.layer).__name__ for layer in cheap.layers if isinstance(layer, _Lean)}
    assert anew == {"LayerNormalization", "DepthwiseConv2D", "Conv2D", "Activation"}


def test_it_follows_when_the_weights_change(small: keras.Model, pictures: np.ndarray) -> None:
    plain = keras.models.clone_model(up_to_scores(small))
    cheap = lean(plain)
    before = cheap(pictures[:1], training=False).numpy()
    for weight in plain.weights:
        weight.assign(weight * 0.5)
    after = cheap(pictures[:1], training=False).numpy()
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(after, plain(pictures[:1], training=False), atol=1e-4)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2D(4, 3, strides=3, padding="same"),
        keras.layers.Conv2D(4, 2, strides=2, activation="relu"),
        keras.layers.Conv2D(6, 2, strides=2, groups=3),
        keras.layers.DepthwiseConv2D(4, padding="same"),
        keras.layers.DepthwiseConv2D(3, strides=2, padding="same"),
        keras.layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
        keras.layers.LayerNormalization(axis=[1, 2]),
        keras.layers.LayerNormalization(scale=False),
        keras.layers.Activation("relu"),
    ],
    ids=lambda layer: f"{layer.name}",
)
def test_other_layers_stay_as_they_are(layer: keras.layers.Layer) -> None:
    inputs = keras.Input((10, 10, 3))
    plain = keras.Model(inputs, layer(inputs))
    cheap = lean(plain)
    assert not [one for one in cheap.layers if isinstance(one, _Lean)]
    pictures = np.random.default_rng(0).normal(size=(2, 10, 10, 3)).astype(np.float32)
    np.testing.assert_array_equal(cheap(pictures), plain(pictures))
