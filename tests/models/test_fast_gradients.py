"""The network written anew for cheaper gradients answers as the network itself does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from bcc.models import ModelOptions
from bcc.models.build import build_model
from bcc.models.fast_gradients import _Lean, lean


def scores_and_gradients(model: keras.Model, images: np.ndarray, weights: list) -> list[np.ndarray]:
    """Scores, and gradients of a number made of them in the images and in the weights."""
    seen = tf.constant(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(seen)
        scores = model(seen, training=False)
        number = tf.reduce_sum(tf.cast(scores, tf.float32) * tf.linspace(-1.0, 2.0, scores.shape[-1]))
    found = tape.gradient(number, [seen, *weights])
    return [np.asarray(tf.cast(values, tf.float32)) for values in (scores, *found)]


def up_to_scores(model: keras.Model) -> keras.Model:
    return keras.Model(model.input, model.get_layer("logits").output)


def test_scores_and_gradients_are_the_networks_own(random_atto: keras.Model, rng_images: np.ndarray) -> None:
    plain = up_to_scores(random_atto)
    cheap = lean(plain)
    assert {id(weight) for weight in cheap.weights} == {id(weight) for weight in plain.weights}
    weights = plain.trainable_variables
    wanted, found = (scores_and_gradients(one, rng_images[:3], weights) for one in (plain, cheap))
    names = ["scores", "pictures", *(weight.path for weight in weights)]
    for name, own, same in zip(names, wanted, found, strict=True):
        np.testing.assert_allclose(same, own, atol=2e-4 * np.abs(own).max(), err_msg=name)


def test_every_costly_layer_of_a_convnext_is_written_anew(atto: keras.Model) -> None:
    cheap = lean(up_to_scores(atto))
    kinds = (keras.layers.LayerNormalization, keras.layers.DepthwiseConv2D, keras.layers.Conv2D)
    assert not [layer.name for layer in cheap.layers if isinstance(layer, kinds)]
    anew = {type(layer.layer).__name__ for layer in cheap.layers if isinstance(layer, _Lean)}
    assert anew == {"LayerNormalization", "DepthwiseConv2D", "Conv2D", "Activation"}


def test_it_follows_when_the_weights_change(atto: keras.Model, rng_images: np.ndarray) -> None:
    plain = keras.models.clone_model(up_to_scores(atto))
    cheap = lean(plain)
    before = cheap(rng_images[:1], training=False).numpy()
    for weight in plain.weights:
        weight.assign(weight + 0.05)
    after = cheap(rng_images[:1], training=False).numpy()
    assert np.abs(after - before).max() > 1e-3
    wanted = plain(rng_images[:1], training=False).numpy()
    np.testing.assert_allclose(after, wanted, rtol=1e-4, atol=1e-4)


def test_half_precision_stays_half_precision(rng_images: np.ndarray) -> None:
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        plain = up_to_scores(build_model(ModelOptions(image_size=32, layer_scale=0.1), 4))
    finally:
        keras.mixed_precision.set_dtype_policy(before)
    cheap = lean(plain)
    assert [one.compute_dtype for one in cheap.layers if isinstance(one, _Lean)].count("bfloat16") > 10
    wanted, found = (scores_and_gradients(one, rng_images[:2], []) for one in (plain, cheap))
    for same, own in zip(found, wanted, strict=True):
        assert np.corrcoef(same.ravel(), own.ravel())[0, 1] > 0.98


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
    images = np.random.default_rng(0).normal(size=(2, 10, 10, 3)).astype(np.float32)
    np.testing.assert_array_equal(cheap(images), plain(images))
