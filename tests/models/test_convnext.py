from __future__ import annotations

from itertools import pairwise

import keras
import numpy as np
import pytest

from bcc.models import ARCHITECTURES, ModelOptions
from bcc.models.build import build_model
from bcc.models.convnext import MEAN, VARIANCE
from bcc.models.freezing import block_of
from bcc.models.weights import copy_weights

CLASSES = 5


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.uniform(0, 255, (3, 64, 64, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def ours(reference_tiny: keras.Model) -> keras.Model:
    """Our tiny with the weights of keras.applications', its head copied by hand."""
    model = build_model(ModelOptions(model="tiny", weights="none", image_size=64), CLASSES)
    copy_weights(reference_tiny, model)
    model.get_layer("logits").set_weights(reference_tiny.get_layer("convnext_tiny_head_dense").get_weights())
    return model


def test_backbone_is_the_one_of_keras_applications(
    reference_tiny: keras.Model, ours: keras.Model, images: np.ndarray
) -> None:
    theirs = keras.Model(reference_tiny.input, reference_tiny.get_layer("convnext_tiny_head_gap").input)
    expected = theirs(images, training=False).numpy()
    tap = keras.Model(ours.input, ours.get_layer("convnext_tiny_head_gap").input)
    features = tap(images, training=False).numpy()
    assert features.shape == expected.shape == (3, 2, 2, 768)
    assert expected.std() > 0.1, "the comparison says nothing if all features are the same"
    scale = np.abs(expected).max()
    assert np.abs(features - expected).max() <= 1e-5 * max(scale, 1)


def test_probabilities_are_those_of_keras_applications(
    reference_tiny: keras.Model, ours: keras.Model, images: np.ndarray
) -> None:
    expected = reference_tiny(images, training=False).numpy()
    found = ours(images, training=False).numpy()
    assert np.ptp(expected, axis=0).max() > 0.01, "the images must be told apart for this to mean anything"
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_layer_names_are_those_of_keras_applications(reference_tiny: keras.Model, ours: keras.Model) -> None:
    def with_weights(model: keras.Model) -> set[str]:
        names: set[str] = set()
        for layer in model.layers:
            inner = getattr(layer, "layers", [layer])
            names |= {one.name for one in inner if one.weights}
        return names

    assert with_weights(reference_tiny) - {"convnext_tiny_head_dense"} == with_weights(ours) - {"logits"}


def test_every_size_has_the_published_number_of_parameters() -> None:
    """Counted from the table alone, since building xlarge takes a gigabyte."""
    for size, architecture in ARCHITECTURES.items():
        dims = architecture.dims
        stem = 4 * 4 * 3 * dims[0] + dims[0] + 2 * dims[0]
        down = sum(2 * a + 4 * a * b + b for a, b in pairwise(dims))
        blocks = sum(
            depth * (49 * d + d + 2 * d + 4 * d * d + 4 * d + 4 * d * d + d + d)
            for depth, d in zip(architecture.depths, dims, strict=True)
        )
        assert (stem + down + blocks) / 1e6 == pytest.approx(architecture.millions, abs=0.06), size


@pytest.mark.parametrize("size", ["atto", "nano"])
def test_the_table_of_sizes_is_what_is_built(size: str) -> None:
    model = build_model(ModelOptions(model=size, image_size=32), 2)
    head = 2 * ARCHITECTURES[size].dims[-1] + 2 * ARCHITECTURES[size].dims[-1] + 2
    assert (model.count_params() - head) / 1e6 == pytest.approx(ARCHITECTURES[size].millions, abs=0.06)


def test_model_is_flat(atto: keras.Model) -> None:
    """A nested backbone cuts saliency methods off from its layers."""
    assert not [layer.name for layer in atto.layers if hasattr(layer, "layers")]


def test_preprocessing_is_inside(atto: keras.Model) -> None:
    images = np.full((1, 32, 32, 3), np.array(MEAN) + 2 * np.sqrt(VARIANCE), np.float32)
    normal = keras.Model(atto.input, atto.get_layer("convnext_atto_prestem_normalization").output)
    np.testing.assert_allclose(normal(images).numpy(), 2.0, rtol=1e-5)


def test_layer_scale_starts_where_it_is_told() -> None:
    model = build_model(ModelOptions(image_size=32, layer_scale=0.03), 2)
    scales = [layer for layer in model.layers if layer.name.endswith("_layer_scale")]
    assert len(scales) == sum(ARCHITECTURES["atto"].depths)
    for layer in scales:
        np.testing.assert_allclose(layer.gamma.numpy(), 0.03, rtol=1e-6)


@pytest.mark.parametrize(("stride", "sides"), [(4, (16, 8, 4, 2)), (2, (32, 16, 8, 4))])
def test_stem_stride_sets_the_resolution_of_every_stage(stride: int, sides: tuple[int, ...]) -> None:
    model = build_model(ModelOptions(image_size=64, stem_stride=stride), 2)
    found = {}
    for layer in model.layers:
        if (block := block_of(layer.name)) and layer.name.endswith("_output"):
            found[block[0]] = layer.output.shape[1]
    assert tuple(found[i] for i in range(4)) == sides


def test_smallest_and_odd_sides_work() -> None:
    for side in (32, 45):
        model = build_model(ModelOptions(image_size=side), 3)
        assert model.output_shape == (None, 3)
        assert np.isfinite(model(np.zeros((1, side, side, 3), np.float32)).numpy()).all()


def test_stochastic_depth_skips_whole_branches_in_training_only() -> None:
    options = ModelOptions(image_size=32, stochastic_depth=0.9, layer_scale=1.0)
    model = build_model(options, 2)
    drops = [layer for layer in model.layers if layer.name.endswith("_stochastic_depth")]
    rates = [layer.rate for layer in drops]
    # The first block is never skipped, so it has no such layer; the last has the full chance.
    assert len(drops) == sum(ARCHITECTURES["atto"].depths) - 1
    assert rates == sorted(rates)
    assert rates[-1] == pytest.approx(0.9)

    value = np.ones((64, 1, 1, 320), np.float32)
    kept = drops[-1](value, training=True).numpy().reshape(64, -1)
    assert ((kept == 0).all(axis=1) | (kept > 0).all(axis=1)).all(), "an image's branch goes whole or stays"
    assert 0 < (kept > 0).all(axis=1).sum() < 32
    np.testing.assert_array_equal(drops[-1](value, training=False).numpy(), value)


def test_no_stochastic_depth_layers_without_it(atto: keras.Model) -> None:
    assert not [layer.name for layer in atto.layers if "stochastic" in layer.name]
