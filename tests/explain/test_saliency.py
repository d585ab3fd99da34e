from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from bcc.errors import UserError
from bcc.explain import Explainer, enlarge, explain_classes, scaled, smoothed, stages

CLASSES = np.array([0, 1, 2, 3, 0, 1, 2])


def grad_cam(model: keras.Model, layer: str, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Grad-CAM as the paper has it, one image at a time: equations 1 and 2 of Selvaraju et al."""
    tap = keras.Model(model.input, [model.get_layer(layer).output, model.get_layer("logits").output])
    maps = []
    for image, wanted in zip(images, classes, strict=True):
        with tf.GradientTape() as tape:
            features, logits = tap(tf.constant(image[None], tf.float32), training=False)
            score = logits[0, int(wanted)]
        gradient = tape.gradient(score, features)[0].numpy()
        importance = gradient.mean(axis=(0, 1))
        heat = np.maximum((features[0].numpy() * importance).sum(axis=-1), 0)
        maps.append(heat / heat.max() if heat.max() > 0 else heat)
    return np.array(maps)


@pytest.fixture(scope="module")
def explainer(model: keras.Model) -> Explainer:
    return Explainer(model, batch_size=4)


@pytest.fixture(scope="module")
def maps(explainer: Explainer, images: np.ndarray) -> np.ndarray:
    return explainer(images, CLASSES)


@pytest.mark.parametrize("position", [1, 2])
def test_grad_cam_is_the_papers(model: keras.Model, images: np.ndarray, position: int) -> None:
    layer = stages(model)[position].layer
    found = Explainer(model, layer, batch_size=4)(images[:4], CLASSES[:4])
    expected = grad_cam(model, layer, images[:4], CLASSES[:4])
    assert expected.max(axis=(1, 2)).min() == 1, "an empty map would prove nothing"
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_maps_have_the_stages_size_and_range(explainer: Explainer, maps: np.ndarray) -> None:
    assert explainer.stage.label == "stage 2 (8 x 8)"
    assert maps.shape == (7, 8, 8)
    assert maps.dtype == np.float32
    assert maps.min() >= 0
    assert maps.max() == 1


def test_a_map_does_not_depend_on_its_batch(model: keras.Model, images: np.ndarray, maps: np.ndarray) -> None:
    order = np.array([6, 2, 4])
    found = Explainer(model, batch_size=2)(images[order], CLASSES[order])
    np.testing.assert_allclose(found, maps[order], atol=1e-4)


def test_the_class_decides_the_map(explainer: Explainer, images: np.ndarray) -> None:
    one = np.broadcast_to(images[:1], (4, *images.shape[1:]))
    found = explainer(one, np.arange(4))
    different = [np.abs(found[i] - found[j]).max() for i in range(4) for j in range(i)]
    assert min(different) > 0.05


def test_images_of_another_size_are_resized(
    explainer: Explainer, images: np.ndarray, maps: np.ndarray
) -> None:
    large = images.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(explainer(large[:2], CLASSES[:2]), maps[:2], atol=1e-4)


def test_the_models_answers_stay_what_they_were(model: keras.Model, images: np.ndarray) -> None:
    """The library that draws the maps can overwrite a softmax."""
    before = model(images.astype(np.float32), training=False).numpy()
    weights = [w.numpy() for w in model.weights]
    Explainer(model)(images, CLASSES)
    np.testing.assert_array_equal(model(images.astype(np.float32), training=False).numpy(), before)
    np.testing.assert_allclose(before.sum(axis=1), 1, atol=1e-5)
    assert all(np.array_equal(old, new.numpy()) for old, new in zip(weights, model.weights, strict=True))


def test_progress_reaches_one(explainer: Explainer, images: np.ndarray) -> None:
    heard: list[float] = []
    explainer(images, CLASSES, lambda share, text: heard.append(share))
    assert heard == [4 / 7, 1.0]


def test_no_images_give_no_maps(explainer: Explainer) -> None:
    nothing = np.zeros((0, 64, 64, 3), np.uint8)
    assert explainer(nothing, np.zeros(0, np.int64)).shape == (0, 8, 8)


def test_an_unknown_layer_lists_the_stages(model: keras.Model) -> None:
    with pytest.raises(UserError) as caught:
        Explainer(model, "conv5_block3_out")
    assert str(caught.value) == (
        "The model has no stage that ends with 'conv5_block3_out': choose one of "
        "convnext_atto_stage_0_block_1_output, convnext_atto_stage_1_block_1_output, "
        "convnext_atto_stage_2_block_5_output, convnext_atto_stage_3_block_1_output."
    )


def test_the_mean_of_a_class_is_the_mean_of_its_maps(explainer: Explainer, images: np.ndarray) -> None:
    rows, labels = np.array([5, 0, 3, 6]), np.array([2, 0, 2, 0])
    found = explain_classes(explainer, images, rows, labels)
    assert [one.label for one in found] == [0, 2]
    assert [one.rows.tolist() for one in found] == [[0, 6], [5, 3]]
    np.testing.assert_allclose(found[1].maps, explainer(images[[5, 3]], np.array([2, 2])), atol=1e-4)
    for one in found:
        np.testing.assert_allclose(one.mean, one.maps.mean(axis=0))


def test_scaling_leaves_empty_maps_empty() -> None:
    maps = np.stack([np.zeros((2, 2)), np.array([[0, 1], [2, 4]])]).astype(np.float32)
    np.testing.assert_allclose(scaled(maps), [[[0, 0], [0, 0]], [[0, 0.25], [0.5, 1]]])


def test_smoothing_is_for_the_eye_and_stays_in_range() -> None:
    heat = np.random.default_rng(0).random((64, 64)).astype(np.float32) ** 8
    soft = smoothed(heat)
    assert soft.min() >= 0
    assert soft.max() == 1
    assert np.abs(np.diff(soft)).mean() / soft.mean() < np.abs(np.diff(heat)).mean() / heat.mean()
    assert smoothed(np.zeros((8, 8), np.float32)).max() == 0


def test_enlarged_maps_are_smooth_and_stay_in_range() -> None:
    maps = np.zeros((2, 6, 6), np.float32)
    maps[:, 2, 3] = 1
    large = enlarge(maps, 48, 60)
    assert large.shape == (2, 48, 60)
    assert large.dtype == np.float32
    assert large.min() >= 0
    assert large.max() <= 1
    row, column = np.unravel_index(large[0].argmax(), (48, 60))
    assert (row // 8, column // 10) == (2, 3)
    assert np.abs(np.diff(large[0], axis=1)).max() < 0.25
    assert enlarge(maps[:0], 48, 60).shape == (0, 48, 60)
