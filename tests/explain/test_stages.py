from __future__ import annotations

import keras
import numpy as np
import pytest

from bcc.datasets import load
from bcc.errors import UserError
from bcc.explain import default_stage, find_stage, sample_per_class, stages
from bcc.explain.targets import target_classes
from bcc.models import ModelOptions
from bcc.models.build import build_model

NAMES = ("amber", "blue", "cyan", "dark")


def test_a_stage_is_named_by_its_last_block(model: keras.Model) -> None:
    found = stages(model)
    assert [stage.layer for stage in found] == [
        "convnext_atto_stage_0_block_1_output",
        "convnext_atto_stage_1_block_1_output",
        "convnext_atto_stage_2_block_5_output",
        "convnext_atto_stage_3_block_1_output",
    ]
    assert [stage.label for stage in found] == [
        "stage 1 (16 x 16)", "stage 2 (8 x 8)", "stage 3 (4 x 4)", "stage 4 (2 x 2)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("image_size", "stem_stride", "number", "side"),
    [(32, 4, 1, 8), (32, 2, 2, 8), (96, 4, 3, 6), (192, 4, 4, 6)],
)
def test_the_default_is_the_deepest_that_is_fine_enough(
    image_size: int, stem_stride: int, number: int, side: int
) -> None:
    model = build_model(ModelOptions(image_size=image_size, stem_stride=stem_stride), 2)
    stage = default_stage(model)
    assert (stage.number, stage.height, stage.width) == (number, side, side)
    assert find_stage(model, None) == stage


def test_any_stage_can_be_asked_for(model: keras.Model) -> None:
    assert find_stage(model, "convnext_atto_stage_3_block_1_output").number == 4
    with pytest.raises(UserError, match="The model has no stage that ends with 'logits'"):
        find_stage(model, "logits")


@pytest.fixture
def dataset(learned_npz):
    return load(learned_npz)


PROBABILITIES = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.2, 0.5, 0.2, 0.1]])
ROWS = np.array([5, 2, 3])


def test_the_predicted_class(dataset) -> None:
    assert target_classes("predicted", NAMES, PROBABILITIES, dataset, ROWS).tolist() == [3, 0, 1]


def test_the_true_class_in_the_runs_order(dataset) -> None:
    turned = NAMES[::-1]
    assert target_classes("true", turned, PROBABILITIES, dataset, ROWS).tolist() == [2, 1, 0]


def test_a_class_by_its_name(dataset) -> None:
    assert target_classes("cyan", NAMES, PROBABILITIES, dataset, ROWS).tolist() == [2, 2, 2]


def test_an_unknown_class_lists_those_that_there_are(dataset) -> None:
    with pytest.raises(UserError) as caught:
        target_classes("violet", NAMES, PROBABILITIES, dataset, ROWS)
    assert str(caught.value) == ("The run knows no class 'violet': choose one of amber, blue, cyan, dark.")


def test_a_true_class_that_the_run_never_saw(dataset) -> None:
    with pytest.raises(UserError, match="Row 3 belongs to a class that the run never saw"):
        target_classes("true", NAMES[:3], PROBABILITIES[:, :3], dataset, ROWS)


def test_a_sample_has_so_many_of_each_class() -> None:
    rows = np.arange(100, 140)
    labels = np.array([0] * 20 + [1] * 3 + [-1] * 7 + [3] * 10)
    drawn = sample_per_class(labels, rows, 4, 5, seed=1)
    assert len(drawn) == 5 + 3 + 0 + 5
    assert len(set(drawn)) == len(drawn)
    assert (labels[drawn - 100] == [0] * 5 + [1] * 3 + [3] * 5).all()
    np.testing.assert_array_equal(drawn, sample_per_class(labels, rows, 4, 5, seed=1))
    assert not np.array_equal(drawn, sample_per_class(labels, rows, 4, 5, seed=2))
    assert sample_per_class(labels[:0], rows[:0], 4, 5, seed=1).shape == (0,)
