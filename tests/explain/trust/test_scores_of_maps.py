"""Scores of maps where the right answer is known."""

from __future__ import annotations

from itertools import pairwise

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bcc.explain.regions import Regions
from bcc.explain.trust import CONTROLS, SCORES, control, hits, in_words, score_maps, share_inside, summarise
from bcc.explain.trust.deletion import Faithfulness
from bcc.explain.trust.weight_randomisation import cascade, rank_correlation, shuffled_weights

MASK = np.zeros((1, 8, 8), bool)
MASK[0, 2:6, 2:6] = True


def test_the_share_inside_a_mask_is_its_share_of_the_sum() -> None:
    maps = np.ones((1, 8, 8))
    assert share_inside(maps, MASK)[0] == pytest.approx(16 / 64)
    maps[~MASK] = 0.5
    assert share_inside(maps, MASK)[0] == pytest.approx(16 / (16 + 24))
    assert np.isnan(share_inside(np.zeros((1, 8, 8)), MASK)[0])
    assert np.isnan(share_inside(maps, np.zeros_like(MASK))[0])


@given(arrays(np.float64, (1, 8, 8), elements=st.floats(0, 100)))
def test_shares_of_a_mask_and_of_the_rest_add_up(maps: np.ndarray) -> None:
    inside, outside = share_inside(maps, MASK)[0], share_inside(maps, ~MASK)[0]
    if maps.sum() > 0:
        assert inside + outside == pytest.approx(1)
    else:
        assert np.isnan(inside)


def test_the_pointing_game_asks_for_the_hottest_place() -> None:
    maps = np.zeros((3, 8, 8))
    maps[0, 3, 3] = 1
    maps[1, 0, 0] = 1
    maps[2] = 1
    np.testing.assert_allclose(hits(maps, MASK.repeat(3, axis=0)), [1, 0, 0.25])
    assert np.isnan(hits(np.zeros((1, 8, 8)), MASK)[0])


def white_square(images: np.ndarray) -> np.ndarray:
    """A model that is as sure as the square in the middle is bright."""
    sure = images[:, 12:20, 12:20].mean(axis=(1, 2, 3)) / 255
    return np.stack([1 - sure, sure], axis=1)


def test_deletion_and_insertion_know_a_good_map_from_a_bad_one() -> None:
    images = np.zeros((2, 32, 32, 3), np.uint8)
    images[:, 12:20, 12:20] = 255
    good = np.zeros((2, 32, 32))
    good[:, 12:20, 12:20] = 1
    scored = Faithfulness(white_square, images, np.array([1, 1]))
    (gone, back), (late, little) = scored(good), scored(1 - good)
    # 64 of 1,024 pixels matter: the first tenth takes all of them, or none until the last.
    assert gone.max() < 0.15
    assert back.min() > 0.9
    assert late.min() > 0.9
    assert little.max() < 0.6
    chance_gone, chance_back = scored(np.ones((2, 32, 32)))
    assert gone.max() < chance_gone.min() < late.min()
    assert little.max() < chance_back.min() < back.min()


def test_controls_know_nothing_of_a_model() -> None:
    images = np.full((2, 20, 30, 3), 240, np.uint8)
    images[0, 4:8, 5:9] = (80, 30, 130)
    for name in CONTROLS:
        heat = control(name, images)
        assert heat.shape == (2, 20, 30)
        assert heat.min() >= 0
        assert heat.max() <= 1
    dark = control("darkness", images)
    assert (dark[0] == 1).sum() == 16
    assert dark[1].max() == 0
    centre = control("centre", images)
    assert centre[0, 9, 14] > centre[0, 0, 0]


def test_rank_correlation_is_spearmans() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    maps, others = rng.random((2, 3, 4, 4)).round(1)
    expected = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(maps, others, strict=True)]
    np.testing.assert_allclose(rank_correlation(maps, others), expected)
    np.testing.assert_allclose(rank_correlation(maps, maps**3), 1)
    assert rank_correlation(maps, np.zeros_like(maps)).tolist() == [0, 0, 0]


def test_shuffling_keeps_every_arrays_values(small: keras.Model) -> None:
    before = small.get_weights()
    mixed = shuffled_weights(small, seed=1)
    for old, new in zip(before, mixed, strict=True):
        np.testing.assert_array_equal(np.sort(old.ravel()), np.sort(new.ravel()))
    changed = [not np.array_equal(a, b) for a, b in zip(before, mixed, strict=True) if len(np.unique(a)) > 9]
    assert changed
    assert all(changed)


def test_a_cascade_begins_at_the_output(small: keras.Model) -> None:
    learned, names = small.get_weights(), [weight.path for weight in small.weights]
    levels = cascade(small, seed=1)
    assert [said for said, _ in levels] == [
        "head",
        "and stage 4",
        "and stage 3",
        "and stage 2",
        "and stage 1",
        "and stem",
    ]
    touched = [
        {name for name, a, b in zip(names, learned, mixed, strict=True) if not np.array_equal(a, b)}
        for _, mixed in levels
    ]
    assert all("logits" in name or "head" in name for name in touched[0])
    assert touched[0]
    assert all(few < more for few, more in pairwise(touched[:5]))
    assert any("stage_3" in name for name in touched[1])
    assert not any("stage_2" in name for name in touched[1])


@pytest.fixture(scope="module")
def scores(small: keras.Model, images: np.ndarray) -> pd.DataFrame:
    cells = np.zeros((4, 64, 64), bool)
    cells[:, 16:48, 16:48] = True
    nuclei = cells.copy()
    nuclei[0] = False
    weights = small.get_weights()
    found = score_maps(
        small, images[:4], np.array([0, 1, 2, 3]), Regions(cells, nuclei, True), ("gradcam", "gradient"),
        layers=["convnext_atto_stage_0_block_0_output", "convnext_atto_stage_1_block_0_output"],
    )  # fmt: skip
    assert all(np.array_equal(a, b) for a, b in zip(weights, small.get_weights(), strict=True))
    return found


def test_there_is_a_row_for_each_image_method_and_stage(scores: pd.DataFrame) -> None:
    rows = scores.groupby(["method", "stage"], sort=False).size()
    assert dict(rows) == {
        ("gradcam", "stage 1 (16 x 16)"): 4,
        ("gradcam", "stage 2 (8 x 8)"): 4,
        ("gradient", "pixels"): 4,
        ("uniform", "no model"): 4,
        ("centre", "no model"): 4,
        ("darkness", "no model"): 4,
    }
    assert set(SCORES) < set(scores)


def test_without_a_nucleus_there_is_no_score_of_one(scores: pd.DataFrame) -> None:
    first = scores[scores["picture"] == 0]
    assert first[["nucleus_share", "pointing_nucleus"]].isna().all(axis=None)
    assert first["cell_share"].notna().all()
    assert scores[scores["picture"] == 1]["nucleus_share"].notna().all()


def test_chance_is_what_chance_is(scores: pd.DataFrame) -> None:
    chance = scores[scores["method"] == "uniform"]
    np.testing.assert_allclose(chance["cell_share"], 0.25)
    np.testing.assert_allclose(chance["pointing_cell"], 0.25)


def test_the_summary_compares_with_the_best_control() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for method, stage, insertion, randomised in (
        ("good", "pixels", 0.9, 0.1),
        ("edges", "pixels", 0.9, 0.9),
        ("bad", "stage 1 (8 x 8)", 0.4, 0.1),
        ("uniform", "no model", 0.5, 1.0),
        ("centre", "no model", 0.7, 1.0),
        ("darkness", "no model", 0.6, 1.0),
    ):
        for image in range(20):
            values = dict.fromkeys(SCORES, 0.5) | {"deletion": 0.2, "randomised": randomised}
            values["insertion"] = insertion + rng.normal(0, 0.02)
            rows.append({"picture": image, "method": method, "stage": stage, **values})
    table = summarise(pd.DataFrame(rows)).set_index("method")
    assert table.index[-3:].tolist() == ["centre", "darkness", "uniform"]
    assert table["believable"].to_dict() == {
        "good": True, "edges": False, "bad": False, "uniform": False, "centre": False, "darkness": False,
    }  # fmt: skip
    assert table.loc["good", "above_chance"] == pytest.approx(0.2, abs=0.02)
    assert table.loc["bad", "above_chance"] == pytest.approx(-0.3, abs=0.02)


@pytest.mark.parametrize(
    ("gap", "randomised", "good", "sentence"),
    [
        (0.2, 0.1, True, "Most believable here: Grad-CAM at stage 3 (4 x 4)"),
        (0.2, 0.7, False, "Grad-CAM at stage 3 (4 x 4) points at what the run needs better than any map"),
        (-0.2, 0.1, False, "no method points at what the run needs better"),
    ],
)
def test_a_table_is_said_in_words(gap: float, randomised: float, good: bool, sentence: str) -> None:
    table = pd.DataFrame(
        {
            "method": ["gradcam", "centre"],
            "stage": ["stage 3 (4 x 4)", "no model"],
            "above_chance": [gap, np.nan],
            "error": [0.01, np.nan],
            "randomised": [randomised, 1.0],
            "believable": [good, False],
        }
    )
    believable, text = in_words(table)
    assert believable == good
    assert sentence in text
    if randomised > 0.5:
        assert "correlation 0.70" in text
