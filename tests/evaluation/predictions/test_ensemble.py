"""Runs together, and one run looking several times."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss

from bcc.datasets import Dataset, load
from bcc.errors import UserError
from bcc.evaluation import evaluate
from bcc.evaluation.predictions.averaging import combine, fit_weights
from bcc.evaluation.predictions.ensemble import ensemble, fitted_weights
from bcc.evaluation.predictions.predict_rows import (
    load_predictor,
    predict_together,
    predict_validation,
    predictions_on,
    score,
)
from bcc.evaluation.predictions.test_time_augmentation import TestTimeAugmentation, parse_views
from bcc.evaluation.rows import validation_rows
from bcc.runs import Run, write_arrays


@pytest.fixture
def own(learned_npz: Path) -> Dataset:
    return load(learned_npz)


@pytest.fixture
def run(finished_run_folder: Path) -> Run:
    return Run(finished_run_folder)


@pytest.fixture
def other(run: Run, own: Dataset, tmp_path: Path) -> Run:
    """The same model in another run, which was trained on some of the first one's test rows as well, knows
    the classes in another order, and says something else about its rows."""
    copy = Run(shutil.copytree(run.folder, tmp_path / "other"))
    sides, hashes = run.read_split()
    more = np.flatnonzero(sides == 2)[:3]
    sides = sides.copy()
    sides[more] = 0
    write_arrays(copy.split, split=sides, train_hashes=np.concatenate([hashes, own.row_hashes[more]]))
    said = run.read_predictions()
    order = [1, 0, 2, 3]
    softened = (said.probabilities[:, order] + 0.25) / 2
    write_arrays(
        copy.predictions, rows=said.rows, split=said.split, labels=np.argsort(order)[said.labels],
        probabilities=softened.astype(np.float32),
    )  # fmt: skip
    info = copy.read_json(copy.dataset)
    info["class_names"] = [info["class_names"][i] for i in order]
    copy.dataset.write_text(json.dumps(info))
    return copy


def no_model(run: Run) -> None:
    raise AssertionError(f"{run.id} has written these answers down: its model need not be asked")


def drawn(seed: int, n: int = 400) -> tuple[np.ndarray, list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    truth = np.eye(3)[labels]
    said = [rng.dirichlet(np.full(3, 0.6), n) * (1 - s) + truth * s for s in (0.2, 0.5, 0.35)]
    return labels, said


def test_means() -> None:
    said = [np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])]
    assert combine(said)[0] == pytest.approx([0.7, 0.3])
    geometric = np.sqrt([0.45, 0.05])
    assert combine(said, "logits")[0] == pytest.approx(geometric / geometric.sum(), abs=1e-6)
    assert combine(said, weights=[1, 0])[0] == pytest.approx([0.9, 0.1])
    assert combine([np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])], "logits")[0] == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("mean", ["probabilities", "logits"])
def test_fitted_weights_have_the_lowest_log_loss(mean: str) -> None:
    labels, said = drawn(0)
    weights = fit_weights(labels, said, mean)  # type: ignore[arg-type]
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()

    def loss(w: np.ndarray) -> float:
        return log_loss(labels, combine(said, mean, w).astype(np.float64), labels=range(3))  # type: ignore[arg-type]

    best = loss(weights)
    assert best < loss(np.full(3, 1 / 3))
    rng = np.random.default_rng(1)
    for _ in range(60):
        assert best <= loss(rng.dirichlet(np.ones(3))) + 1e-6
        near = np.clip(weights + rng.normal(0, 0.02, 3), 0, 1)
        assert best <= loss(near / near.sum()) + 1e-6


def test_a_useless_member_gets_no_weight_and_few_rows_fit_nothing() -> None:
    labels, said = drawn(2)
    noise = np.random.default_rng(0).dirichlet(np.full(3, 0.2), len(labels))
    assert fit_weights(labels, [said[1], noise])[1] < 0.02
    assert fit_weights(labels[:5], [one[:5] for one in said]) == pytest.approx([1 / 3] * 3)


def test_what_a_run_wrote_down_is_not_asked_again(run: Run, own: Dataset) -> None:
    said = run.read_predictions()
    rows = said.rows[::-1][:7]
    got = predictions_on(run, own, rows, no_model)  # type: ignore[arg-type]
    np.testing.assert_array_equal(got, said.probabilities[::-1][:7])
    asked = predictions_on(run, own, np.arange(3))
    np.testing.assert_allclose(asked, load_predictor(run)(own.images, np.arange(3), None))


def test_one_run_is_scored_as_evaluate_does(run: Run, own: Dataset) -> None:
    one = score(run, own, predictor_of=no_model)  # type: ignore[arg-type]
    assert one.overall["accuracy"] == pytest.approx(evaluate(run, own)["accuracy"])
    assert (one.by, one.split) == (run.id, "test")


def test_runs_are_scored_on_rows_that_none_was_trained_on(run: Run, other: Run, own: Dataset) -> None:
    alone = score(run, own)
    first, second = predict_together([run, other], own, predictor_of=no_model)  # type: ignore[arg-type]
    np.testing.assert_array_equal(first.rows, alone.rows[3:])
    np.testing.assert_array_equal(second.rows, first.rows)
    assert any("3 rows are left out" in note for note in first.notes)
    assert second.class_names == first.class_names, "in the first run's order"
    np.testing.assert_array_equal(second.probabilities.argmax(1), first.probabilities.argmax(1))


def test_nothing_left_is_refused(run: Run, other: Run, own: Dataset) -> None:
    write_arrays(other.split, split=np.zeros(len(own), np.int8), train_hashes=own.row_hashes)
    with pytest.raises(UserError, match="nothing to compare on"):
        predict_together([run, other], own)


def test_other_classes_are_refused(run: Run, other: Run, own: Dataset) -> None:
    info = other.read_json(other.dataset)
    other.dataset.write_text(json.dumps({**info, "class_names": ["amber", "blue", "cyan", "violet"]}))
    with pytest.raises(UserError, match="knows other classes"):
        predict_together([run, other], own)


@pytest.mark.parametrize("mean", ["probabilities", "logits"])
def test_an_ensemble_is_scored_like_a_run(run: Run, other: Run, own: Dataset, mean: str) -> None:
    members = predict_together([run, other], own)
    together = ensemble(members, mean)  # type: ignore[arg-type]
    expected = combine([one.probabilities for one in members], mean)  # type: ignore[arg-type]
    np.testing.assert_allclose(together.probabilities, expected)
    assert together.measured.overall["value"].notna().all()
    assert together.by == f"ensemble ({mean})"
    with pytest.raises(UserError, match="two runs or more"):
        ensemble(members[:1])


def test_weights_are_fitted_on_validation_rows_of_no_runs_training(
    run: Run, other: Run, own: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, labels = validation_rows([run, other], own)
    sides, _ = run.read_split()
    np.testing.assert_array_equal(rows, np.flatnonzero(sides == 1))
    np.testing.assert_array_equal(labels, own.labels[rows])
    validation = predict_validation([run, other], predictor_of=no_model)  # type: ignore[arg-type]
    np.testing.assert_array_equal(validation[0].rows, rows)
    np.testing.assert_array_equal(validation[1].labels, labels)
    weights, note = fitted_weights(validation, "probabilities")
    assert weights.tolist() == [0.5, 0.5]
    assert "too few" in note
    monkeypatch.setattr("bcc.evaluation.predictions.ensemble.FEWEST_ROWS", 5)
    monkeypatch.setattr("bcc.evaluation.predictions.averaging.FEWEST_ROWS", 5)
    weights, note = fitted_weights(validation, "probabilities")
    assert "fitted on 12 validation rows" in note
    assert weights.sum() == pytest.approx(1)


def test_views_are_the_eight_of_a_square() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 3)).astype(np.uint8)
    views = parse_views("turns")
    seen = {views.of(images, np.arange(2), view).tobytes() for view in range(views.count)}
    assert len(seen) == 8
    np.testing.assert_array_equal(views.of(images, np.arange(2), 0), images)
    assert parse_views("flips").count == 4


def test_the_mean_over_views_is_their_mean(run: Run, own: Dataset) -> None:
    ask = load_predictor(run)
    rows = np.array([3, 1, 20])
    views = parse_views("turns")
    single = [ask(views.of(own.images[rows], rows, view), np.arange(3), None) for view in range(8)]
    shares: list[float] = []
    got = TestTimeAugmentation(ask, views)(own.images, rows, lambda share, _: shares.append(share))
    np.testing.assert_allclose(got, combine(single), atol=1e-6)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    # Every turn of an image has the same views, so the mean does not care how it lies.
    turned = np.rot90(own.images[rows], 1, axes=(1, 2))
    np.testing.assert_allclose(TestTimeAugmentation(ask, views)(turned), got, atol=1e-5)


def test_draws_of_a_recipe_depend_on_the_row_alone(run: Run, own: Dataset) -> None:
    ask = load_predictor(run)
    few = TestTimeAugmentation(ask, parse_views("gentle:3"))
    together = few(own.images, np.array([4, 9]))
    np.testing.assert_allclose(few(own.images, np.array([9]))[0], together[1], atol=1e-5)


@pytest.mark.parametrize("text", ["", "turn", "gentle", "gentle:0", "gentle:x", "nothing:4", "gentle:1000"])
def test_other_views_are_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"Views are|no recipe"):
        parse_views(text)


def test_evaluate_takes_views(run: Run, own: Dataset) -> None:
    result = evaluate(run, own, views="flips")
    assert result["views"] == "flips"
    assert result["n"] == evaluate(run, own)["n"]


def test_a_recipe_that_mixes_images_gives_no_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.augment.Recipe.mixes", property(lambda recipe: True))
    with pytest.raises(UserError, match="mixes images"):
        parse_views("gentle:4")
