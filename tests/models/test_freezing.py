from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from bcc.models import ModelOptions
from bcc.models.build import build_model
from bcc.models.freezing import block_of, cut, set_trainable_share
from bcc.training import TrainConfig
from bcc.training.loop.losses import make_loss
from bcc.training.loop.optimizers import make_optimizer
from bcc.training.loop.train_step import Steps
from bcc.training.loop.weight_averaging import WeightAverage

BLOCKS = 12
HEAD = {"convnext_atto_head_layernorm", "logits"}


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return build_model(ModelOptions(image_size=32, layer_scale=0.1), 4)


def learning(model: keras.Model) -> set[str]:
    return {layer.name for layer in model.layers if layer.trainable_weights}


def test_zero_trains_the_head_alone(model: keras.Model) -> None:
    assert set_trainable_share(model, 0) == 0
    assert learning(model) == HEAD


def test_one_trains_everything(model: keras.Model) -> None:
    assert set_trainable_share(model, 1) == BLOCKS
    assert learning(model) == {layer.name for layer in model.layers if layer.weights}


def test_the_cut_is_counted_from_the_output(model: keras.Model) -> None:
    assert set_trainable_share(model, 2 / BLOCKS) == 2
    blocks = {block_of(name) for name in learning(model)} - {None}
    assert blocks == {(3, 0), (3, 1)}
    # The downsampling before stage 3 goes with its first block.
    assert {"convnext_atto_downsampling_layernorm_2", "convnext_atto_downsampling_conv_2"} <= learning(model)


def test_a_cut_within_a_stage_leaves_its_downsampling_frozen(model: keras.Model) -> None:
    assert set_trainable_share(model, 1 / BLOCKS) == 1
    assert {block_of(name) for name in learning(model)} - {None} == {(3, 1)}
    assert not [name for name in learning(model) if "downsampling" in name]


@pytest.mark.parametrize("share", np.linspace(0, 1, 9))
def test_every_cut_falls_between_two_blocks(model: keras.Model, share: float) -> None:
    """Everything that learns stands behind everything that does not."""
    blocks = set_trainable_share(model, share)
    assert blocks == math.floor(share * BLOCKS + 0.5)
    flags = [layer.trainable for layer in model.layers if layer.weights]
    assert flags == sorted(flags)
    by_block: dict[tuple[int, int], set[bool]] = {}
    for layer in model.layers:
        if block := block_of(layer.name):
            by_block.setdefault(block, set()).add(layer.trainable)
    assert all(len(states) == 1 for states in by_block.values())


@pytest.mark.parametrize("half", range(BLOCKS))
def test_half_a_block_learns(model: keras.Model, half: int) -> None:
    """Whether the number of blocks before it is even or odd, and whether a float can say the share or not."""
    assert set_trainable_share(model, (half + 0.5) / BLOCKS) == half + 1
    assert set_trainable_share(model, (half + 0.49) / BLOCKS) == half


def test_a_cut_can_be_taken_back(model: keras.Model) -> None:
    set_trainable_share(model, 0)
    set_trainable_share(model, 1)
    assert len(model.trainable_variables) == len(model.weights)


def test_frozen_variables_stand_still_and_the_others_learn() -> None:
    model = build_model(ModelOptions(image_size=32, layer_scale=0.1), 4)
    parted = cut(model, 1 / 3)
    config = TrainConfig(optimizer="adamw", weight_decay=0.5)
    optimizer = make_optimizer(config, model.trainable_variables)
    steps = Steps(parted, optimizer, WeightAverage(model.trainable_variables, 0.0), make_loss(config))
    before = {v.path: v.numpy() for v in model.variables}

    images = np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3)).astype(np.float32)
    steps.train(images, np.eye(4, dtype=np.float32), np.ones(4, np.float32), 0.01, 0)

    still = [v.path for v in model.non_trainable_variables]
    moving = [v.path for v in model.trainable_variables]
    assert len(still) > 20
    assert len(moving) > 20
    after = {v.path: v.numpy() for v in model.variables}
    assert [path for path in still if not np.array_equal(before[path], after[path])] == []
    assert [path for path in moving if np.array_equal(before[path], after[path])] == []


def test_half_a_block_counts_also_where_no_float_hits_it(
    model: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert math.floor(0.58 * 25 + 0.5) == 14, "14.5 comes out a hair below"
    monkeypatch.setattr("bcc.models.freezing._blocks", lambda _: list(range(25)))
    monkeypatch.setattr("bcc.models.freezing._positions", lambda _: {})
    monkeypatch.setattr("bcc.models.freezing._is_frozen", lambda *_: False)
    assert set_trainable_share(model, 0.58) == 15


def test_at_least_more_blocks_than_there_are_is_all(model: keras.Model) -> None:
    assert set_trainable_share(model, 0, at_least=99) == BLOCKS
