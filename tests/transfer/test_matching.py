"""Images and features of another set are brought to those of the run's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bcc.cells.set_profile import profile_of
from bcc.cells.stain_directions import estimate_stain_directions
from bcc.datasets import load
from bcc.datasets.synthetic import paint_set
from bcc.errors import UserError
from bcc.evaluation import evaluate
from bcc.evaluation.predictions.out_of_distribution import OodDetector, fit_ood_detector
from bcc.evaluation.robustness.laboratories import LABORATORIES
from bcc.models.features import FeatureExtractor
from bcc.models.saving import load_model
from bcc.runs import Run
from bcc.transfer import climb, scale_factor
from bcc.transfer.feature_matching import Head, balanced_moments, restandardised
from bcc.transfer.image_matching import macenko, match_scale, match_white_balance, reinhard
from bcc.transfer.ladder import _image_steps

TinyNpz = Callable[..., Path]
BY_NAME = {one.name: one for one in LABORATORIES}


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    return paint_set(60, seed=5, faults=False).images


def seen_in(name: str, cells: np.ndarray) -> np.ndarray:
    return np.stack([BY_NAME[name](image, row) for row, image in enumerate(cells)])


@pytest.mark.parametrize("name", ["smaller cells", "large cells"])
def test_cells_are_brought_to_scale(cells: np.ndarray, name: str) -> None:
    home, there = profile_of(cells), profile_of(seen_in(name, cells))
    factor = scale_factor(home, there)
    matched = profile_of(match_scale(seen_in(name, cells), factor, there.glass))
    assert abs(scale_factor(home, matched) - 1) < 0.12
    assert abs(factor - 1) > 0.15


def test_a_factor_of_one_changes_nothing(cells: np.ndarray) -> None:
    np.testing.assert_array_equal(match_scale(cells[:3], 1.0, (240, 220, 200)), cells[:3])


def test_the_glass_gets_the_colour_of_home(cells: np.ndarray) -> None:
    home, there = profile_of(cells), profile_of(seen_in("white light", cells))
    matched = profile_of(match_white_balance(seen_in("white light", cells), home, there))
    np.testing.assert_allclose(matched.glass, home.glass, atol=2.5)
    assert np.abs(np.array(there.glass) - np.array(home.glass)).max() > 10
    np.testing.assert_array_equal(match_white_balance(cells, home, home), cells)


def test_dyes_are_those_of_home_after_macenko(cells: np.ndarray) -> None:
    images = seen_in("rapid stain", cells)
    home, there = estimate_stain_directions(cells), estimate_stain_directions(images)
    matched = estimate_stain_directions(macenko(images, home, there))
    assert there.angle_to(home) > 8
    assert matched.angle_to(home) < there.angle_to(home) / 2
    np.testing.assert_allclose(macenko(cells[:5], home, home), cells[:5], atol=1)


def test_mean_and_spread_are_those_of_home_after_reinhard(cells: np.ndarray) -> None:
    images = seen_in("bright light", cells)
    home, there = profile_of(cells), profile_of(images)
    matched = profile_of(reinhard(images, home, there))
    np.testing.assert_allclose(matched.lab_mean, home.lab_mean, atol=2.0)  # type: ignore[arg-type]
    np.testing.assert_allclose(matched.lab_spread, home.lab_spread, rtol=0.12)  # type: ignore[arg-type]
    np.testing.assert_allclose(reinhard(cells[:5], home, home), cells[:5], atol=1)
    names = [name for name, _, _ in _image_steps(replace(home, lab_mean=None, lab_spread=None), there)]
    assert names == ["nothing", "scale", "macenko"], "a profile of an older version has no colours for it"


def test_every_class_weighs_the_same_in_balanced_moments() -> None:
    rng = np.random.default_rng(0)
    common, rare = rng.normal(0, 1, (5000, 2)), rng.normal(4, 3, (50, 2))
    features = np.concatenate([common, rare])
    labels = np.repeat([0, 1], [5000, 50])
    found = balanced_moments(features, labels, np.array([0, 1]))
    twice = balanced_moments(
        np.concatenate([features, rare]), np.append(labels, np.ones(50, int)), np.array([0, 1])
    )
    np.testing.assert_allclose(found.mean, twice.mean)
    np.testing.assert_allclose(found.mean, (common.mean(0) + rare.mean(0)) / 2)
    # Half the rows of each class: the law of total variance.
    wanted = (common.var(0) + rare.var(0)) / 2 + (rare.mean(0) - common.mean(0)) ** 2 / 4
    np.testing.assert_allclose(found.spread**2, wanted)


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    return Run(shutil.copytree(finished_run_folder, tmp_path / "run"))


class Centroids:
    """A head that knows three centres in the plane."""

    columns = slice(0, 2)
    centres = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])

    def __call__(self, pooled: np.ndarray) -> np.ndarray:
        near = np.exp(-((pooled[:, None] - self.centres) ** 2).sum(axis=2))
        return np.asarray(near / near.sum(axis=1, keepdims=True), np.float32)


def test_shifted_and_stretched_features_are_brought_back() -> None:
    """Classes stand in other shares there, and every feature is moved and stretched."""
    rng, head = np.random.default_rng(0), Centroids()

    def drawn(shares: list[int]) -> tuple[np.ndarray, np.ndarray]:
        labels = np.repeat([0, 1, 2], shares)
        return head.centres[labels] + rng.normal(0, 0.5, (len(labels), 2)), labels

    own, own_labels = drawn([300, 100, 100])
    other, labels = drawn([40, 300, 60])
    moved = other * 1.4 + [1.9, 1.7]
    mean, scale = own.mean(axis=0), own.std(axis=0)
    rows, hashes = np.arange(500), np.zeros((500, 2), np.uint64)
    known = OodDetector((own - mean) / scale, mean, scale, 1.0, rows, hashes, own_labels)
    before = head(moved)
    back, _, _ = restandardised(head, moved, before, known)  # type: ignore[arg-type]
    plain = (moved - moved.mean(axis=0)) / moved.std(axis=0) * scale + mean

    def accuracy(probabilities: np.ndarray) -> float:
        return float((probabilities.argmax(axis=1) == labels).mean())

    assert accuracy(back) > 0.97
    assert accuracy(back) > accuracy(before) + 0.05
    assert accuracy(back) > accuracy(head(plain)) + 0.02, (
        "plain standardisation suffers from other class shares"
    )
    few = OodDetector(known.features[:3], mean, scale, 1.0, rows[:3], hashes[:3], own_labels[:3])
    np.testing.assert_array_equal(restandardised(head, moved, before, few)[0], before)  # type: ignore[arg-type]


def test_the_head_gives_the_models_own_probabilities(run: Run, learned_npz: Path) -> None:
    model = load_model(run.model)
    extract = FeatureExtractor(model)
    probabilities, features = extract(load(learned_npz).images)
    head = Head(model, extract.width)
    assert head.understands(features, probabilities)
    assert not head.understands(-features, probabilities)


def test_the_ladder_is_scored_on_the_same_images(run: Run, tiny_npz: TinyNpz, learned_npz: Path) -> None:
    model = load_model(run.model)
    known = fit_ood_detector(run, load(learned_npz), FeatureExtractor(model))
    names = np.array(run.class_names)
    other = load(tiny_npz(rows=120, classes=4, seed=3, class_names=names))
    found = climb(run, other, model, known, labelled=(5, 40))
    by_name = {one.name: one for one in found.rungs}
    assert by_name["nothing"].accuracy == pytest.approx(evaluate(run, other)["accuracy"])
    assert {"nothing", "scale", "reinhard", "features", "views", "temperature", "head5"} <= set(by_name)
    assert {one.n for one in found.rungs if not one.labels} == {120}
    assert (by_name["head5"].labels, by_name["head5"].n) == (20, 100)
    assert (by_name["temperature"].labels, by_name["temperature"].n) == (32, 88)
    assert all(one.low <= one.accuracy <= one.high for one in found.rungs)
    assert any("No head from 40 cells per class" in note for note in found.notes)
    again = climb(run, other, model, known, labelled=(5,))
    assert {one.name: one for one in again.rungs}["head5"] == by_name["head5"], "the same draws"
    without = climb(run, other, model, None, labelled=())
    assert "features" not in {one.name for one in without.rungs}
    assert any("not re-standardised" in note for note in without.notes)


def test_few_cells_and_the_runs_own_data_are_said(run: Run, tiny_npz: TinyNpz, learned_npz: Path) -> None:
    model = load_model(run.model)
    with pytest.raises(UserError, match="is the run's own data"):
        climb(run, load(learned_npz), model, None)
    one = load(tiny_npz(rows=6, classes=1, seed=4, class_names=np.array(["blue"])))
    found = climb(run, one, model, None, labelled=(5,))
    assert any("no temperature is fitted" in note for note in found.notes)
    assert any("of one class" in note for note in found.notes)


def test_a_rare_class_stops_no_other_step(run: Run, tiny_npz: TinyNpz) -> None:
    labels = np.array([0, 1, 2] * 30 + [3] * 3)
    names = np.array(run.class_names)
    other = load(tiny_npz(rows=93, classes=4, seed=5, class_names=names, labels=labels))
    found = climb(run, other, load_model(run.model), None, labelled=(5,))
    assert [one.name for one in found.rungs][-1] == "views"
    assert any("no temperature is fitted" in note for note in found.notes)
    assert any("has only 3 images" in note for note in found.notes)


def test_rows_of_unknown_classes_do_not_count_in_the_ladder(run: Run, tiny_npz: TinyNpz) -> None:
    names = np.array([*run.class_names[:3], "smudge"])
    other = load(tiny_npz(rows=80, classes=4, seed=3, class_names=names))
    found = climb(run, other, load_model(run.model), None, labelled=())
    assert {one.n for one in found.rungs if not one.labels} == {60}
    assert not any("count as wrong" in note for note in found.notes)
