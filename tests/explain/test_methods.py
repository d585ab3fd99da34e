"""Every method gives the map of tf-keras-vis, and the one that it lacks does what its paper promises."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from bcc.errors import UserError
from bcc.explain import KINDS, METHODS, Explainer, find_method, find_stage, stages
from bcc.explain.methods import IntegratedGradients, Occlusion, ScoreCam, SmoothGrad, integrated_gradients
from bcc.explain.split_model import part

CLASSES = np.array([0, 1, 2, 3, 0, 1, 2])
PEERS = {"gradcam": "Gradcam", "gradcam++": "GradcamPlusPlus", "layercam": "Layercam", "scorecam": "Scorecam"}


@pytest.fixture(scope="module")
def linear(small: keras.Model) -> keras.Model:
    """The model up to its scores, as tf-keras-vis wants it."""
    return keras.Model(small.inputs, small.get_layer("logits").output)


def peer_map(linear: keras.Model, name: str, layer: str, image: np.ndarray, wanted: int, **how: Any) -> Any:
    """The map of one image by tf-keras-vis, before it is scaled."""
    import tf_keras_vis.gradcam
    import tf_keras_vis.layercam
    import tf_keras_vis.saliency
    import tf_keras_vis.scorecam
    from tf_keras_vis.utils.scores import CategoricalScore

    score, seen = CategoricalScore([wanted]), image[None].astype(np.float32)
    if name in PEERS:
        home = "gradcam" if name.startswith("gradcam") else name
        kind = getattr(getattr(tf_keras_vis, home), PEERS[name])
        return np.asarray(
            kind(linear, clone=False)(
                score, seen, penultimate_layer=layer, seek_penultimate_conv_layer=False,
                expand_cam=False, normalize_cam=False, **how,
            )
        )[0]  # fmt: skip
    return tf_keras_vis.saliency.Saliency(linear, clone=False)(score, seen, normalize_map=False, **how)[0]


def alike(found: np.ndarray, expected: np.ndarray) -> float:
    assert expected.std() > 0, "a flat map would prove nothing"
    return float(np.corrcoef(found.ravel(), expected.ravel())[0, 1])


@pytest.mark.parametrize("position", [1, 2])
@pytest.mark.parametrize("name", ["gradcam", "gradcam++", "layercam"])
def test_class_activation_maps_are_the_librarys(
    small: keras.Model, linear: keras.Model, images: np.ndarray, name: str, position: int
) -> None:
    layer = stages(small)[position].layer
    found = Explainer(small, layer, name, batch_size=4).raw(images[:3], CLASSES[:3])
    for heat, image, wanted in zip(found, images, CLASSES, strict=False):
        assert alike(heat, peer_map(linear, name, layer, image, int(wanted))) > 0.999


@pytest.mark.parametrize("channels", [10, 0])
def test_scorecam_is_the_librarys(
    small: keras.Model, linear: keras.Model, images: np.ndarray, channels: int
) -> None:
    layer = stages(small)[1].layer
    found = Explainer(small, layer, ScoreCam(channels)).raw(images[:2], CLASSES[:2])
    for heat, image, wanted in zip(found, images, CLASSES, strict=False):
        expected = peer_map(linear, "scorecam", layer, image, int(wanted), max_N=channels or None)
        assert alike(heat, expected) > 0.999
        np.testing.assert_allclose(heat, expected, rtol=1e-2, atol=1e-3 * expected.max())


def test_the_gradient_is_the_librarys(small: keras.Model, linear: keras.Model, images: np.ndarray) -> None:
    found = Explainer(small, method="gradient", batch_size=4).raw(images[:3], CLASSES[:3])
    for heat, image, wanted in zip(found, images, CLASSES, strict=False):
        expected = peer_map(linear, "gradient", "", image, int(wanted))
        assert alike(heat, expected) > 0.999
        np.testing.assert_allclose(heat, expected, rtol=1e-2, atol=1e-3 * expected.max())


def test_smoothgrad_is_the_librarys_under_the_same_noise(
    small: keras.Model, linear: keras.Model, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = SmoothGrad(samples=6)
    found = Explainer(small, method=method, seed=3).raw(images[:2], CLASSES[:2])
    noise = method.draw(64, np.array([3, 0], np.int32)).numpy()
    monkeypatch.setattr(np.random, "normal", lambda mean, spread, shape: spread * noise.reshape(shape))
    for heat, image, wanted in zip(found, images, CLASSES, strict=False):
        expected = peer_map(linear, "smoothgrad", "", image, int(wanted), smooth_samples=6)
        assert alike(heat, expected) > 0.999


def test_noise_comes_from_the_seed_alone(small: keras.Model, images: np.ndarray) -> None:
    first, other = (Explainer(small, method=SmoothGrad(samples=3), seed=seed) for seed in (1, 2))
    maps = first(images[:2], CLASSES[:2])
    np.testing.assert_array_equal(first(images[1:2], CLASSES[1:2]), maps[1:])
    assert np.abs(other(images[:2], CLASSES[:2]) - maps).max() > 0.01


def test_without_noise_smoothgrad_is_the_gradient(small: keras.Model, images: np.ndarray) -> None:
    plain = Explainer(small, method="gradient")(images[:1], CLASSES[:1])
    smooth = Explainer(small, method=SmoothGrad(samples=2, noise=0))(images[:1], CLASSES[:1])
    np.testing.assert_allclose(smooth, plain, atol=1e-4)


def test_integrated_gradients_add_up_to_the_score(
    small: keras.Model, linear: keras.Model, images: np.ndarray
) -> None:
    parts = part(small, find_stage(small, None))
    image = tf.constant(images[:1], tf.float32)
    shares = IntegratedGradients(steps=128).shares(parts, image, tf.constant([2]))
    glass = tf.fill(image.shape, 255.0)
    gained = linear(image)[0, 2] - linear(glass)[0, 2]
    assert abs(float(gained)) > 0.05
    np.testing.assert_allclose(float(tf.reduce_sum(shares)), float(gained), rtol=0.05)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_integrated_gradients_are_the_midpoint_sum(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exact for a score that goes with the square, however few the steps; sums from either end are not."""
    monkeypatch.setattr(integrated_gradients, "pixel_gradients", lambda parts, way, classes: 2 * way)
    image = tf.constant(np.arange(12, dtype=np.float32).reshape(1, 2, 2, 3))
    shares = IntegratedGradients(steps).shares(None, image, tf.constant([0]))  # type: ignore[arg-type]
    np.testing.assert_allclose(shares, image**2 - 255.0**2, rtol=1e-5)


def test_glass_has_no_integrated_gradients(small: keras.Model) -> None:
    glass = np.full((1, 64, 64, 3), 255, np.uint8)
    glass[:, 20:30, 20:30] = (90, 40, 130)
    heat = Explainer(small, method="integrated_gradients").raw(glass, np.array([1]))[0]
    assert heat[20:30, 20:30].max() > 0
    heat[20:30, 20:30] = 0
    assert heat.max() == 0


@pytest.mark.parametrize("name", METHODS)
def test_every_method_keeps_range_size_and_company(small: keras.Model, images: np.ndarray, name: str) -> None:
    explainer = Explainer(small, method=name, batch_size=4)
    maps = explainer(images[:6], CLASSES[:6])
    assert maps.shape == (6, *explainer.map_size)
    assert explainer.map_size == ((8, 8) if KINDS[name].at_stage else (64, 64))
    assert maps.dtype == np.float32
    assert maps.min() >= 0
    assert maps.max() == 1
    np.testing.assert_allclose(explainer(images[4:5], CLASSES[4:5])[0], maps[4], atol=2e-3)


def test_an_unknown_method_lists_those_that_there_are(small: keras.Model) -> None:
    with pytest.raises(UserError) as caught:
        find_method("lime")
    assert str(caught.value) == (
        "There is no method 'lime': choose one of gradcam, gradcam++, layercam, scorecam, gradient, "
        "smoothgrad, integrated_gradients, occlusion."
    )


def test_occlusion_is_the_plain_loop_over_squares(small: keras.Model, images: np.ndarray) -> None:
    method = Occlusion(square=0.25, step=0.125)
    (found,) = Explainer(small, method=method).raw(images[:1], CLASSES[:1])
    image, wanted = images[0].astype(np.float32), int(CLASSES[0])
    frame = np.ones((64, 64), bool)
    frame[4:60, 4:60] = False
    fill = np.sort(image[frame], axis=0)[frame.sum() // 2]
    before = np.log(small(image[None]).numpy()[0, wanted])
    total, count = np.zeros((64, 64)), np.zeros((64, 64))
    for top in range(0, 49, 8):
        for left in range(0, 49, 8):
            covered = image.copy()
            covered[top : top + 16, left : left + 16] = fill
            fall = before - np.log(small(covered[None]).numpy()[0, wanted])
            total[top : top + 16, left : left + 16] += max(fall, 0)
            count[top : top + 16, left : left + 16] += 1
    np.testing.assert_allclose(found, total / count, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("side", [32, 48, 61, 96, 224])
def test_squares_cover_every_pixel(side: int) -> None:
    covers = Occlusion().covers(side)
    assert covers.shape[0] <= 150
    assert (covers.sum(axis=0) >= 1).all()
    assert len(np.unique(covers.sum(axis=(1, 2)))) == 1


def test_occlusion_finds_the_corner_that_decides() -> None:
    """A network whose second class is a blue corner and nothing else."""
    inputs = keras.Input((48, 48, 3))
    kernel = np.zeros((1, 1, 3, 2), np.float32)
    kernel[0, 0, :, 1] = (-0.05, 0, 0.05)
    maps = keras.layers.Conv2D(2, 1, use_bias=False, name="maps")(inputs)
    corner = keras.layers.Cropping2D(((0, 40), (0, 40)))(maps)
    pooled = keras.layers.GlobalMaxPooling2D()(corner)
    model = keras.Model(inputs, keras.layers.Activation("softmax")(pooled))
    model.get_layer("maps").set_weights([kernel])
    image = np.full((1, 48, 48, 3), 230, np.uint8)
    image[0, 16:32, 16:32] = (120, 40, 140)
    image[0, 2:6, 2:6] = (40, 60, 150)
    heat = Explainer(model, "maps", "occlusion")(image, np.array([1]))[0]
    assert heat[:8, :8].max() == 1
    assert heat[16:].max() == 0
    assert heat[:, 16:].max() == 0
    # For the other class nothing is lost by covering the mark.
    assert Explainer(model, "maps", "occlusion").raw(image, np.array([0])).max() < 1e-6
