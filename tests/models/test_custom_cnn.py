from __future__ import annotations

import keras
import numpy as np
import pytest

from bcc.models import ModelOptions
from bcc.models.build import build_model
from bcc.models.freezing import block_of, cut, depth_of, set_trainable_share

BLOCKS = 9


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return build_model(ModelOptions(model="custom-cnn", image_size=32, hidden_layers=[512], dropout=0.3), 8)


def test_it_is_the_network_that_was_described(model: keras.Model) -> None:
    """(filters, kernel, stride) of every convolution, and the head."""
    found = [
        (layer.filters, layer.kernel_size[0], layer.strides[0], layer.padding)
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    assert found == [
        (128, 8, 3, "valid"), (256, 5, 1, "same"), (256, 3, 1, "same"), (256, 1, 1, "same"),
        (256, 1, 1, "same"), (512, 3, 1, "same"), (512, 3, 1, "same"), (512, 3, 1, "same"),
        (512, 3, 1, "same"),
    ]  # fmt: skip
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("BatchNormalization") == len(found)
    assert kinds.count("MaxPooling2D") == 4
    dense = [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert dense == [512, 8]
    assert model.count_params() / 1e6 == pytest.approx(10, abs=1.0)


@pytest.mark.parametrize("side", [32, 48, 64, 96, 97, 224])
def test_no_image_is_too_small(side: int) -> None:
    keras.utils.set_random_seed(0)
    options = ModelOptions(model="custom-cnn", image_size=side)
    assert build_model(options, 3).output_shape == (None, 3)


def test_every_share_parts_it_between_two_blocks(model: keras.Model) -> None:
    assert len({block_of(layer.name) for layer in model.layers} - {None}) == BLOCKS
    images = np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3)).astype(np.float32)
    whole = model(images, training=False).numpy()
    for share in (0.0, 0.3, 0.6):
        parted = cut(model, share)
        assert parted.trunk is not None
        assert parted.blocks == round(share * BLOCKS)
        np.testing.assert_array_equal(parted.rest(parted.trunk(images), training=False).numpy(), whole)
    assert cut(model, 1.0).trunk is None


def test_batch_statistics_of_a_frozen_part_stand_still(model: keras.Model) -> None:
    parted = cut(model, 0.3)
    assert parted.trunk is not None
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = [norm.moving_mean.numpy() for norm in norms]
    images = np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3)).astype(np.float32)
    parted.rest(parted.trunk(images, training=False), training=True)
    model(images, training=True)
    for norm, old in zip(norms, before, strict=True):
        assert np.array_equal(norm.moving_mean.numpy(), old) is not norm.trainable


def test_depth_counts_blocks_from_the_output(model: keras.Model) -> None:
    assert depth_of(model, "logits") == depth_of(model, "head_hidden_0") == 0
    assert depth_of(model, "custom_cnn_stage_3_block_0_conv") == 1
    assert depth_of(model, "custom_cnn_stage_0_block_0_conv") == BLOCKS


def test_a_share_of_nothing_still_learns_what_it_must(model: keras.Model) -> None:
    assert set_trainable_share(model, 0.0, at_least=1) == 1
    assert set_trainable_share(model, 0.0) == 0
