from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from bcc.cells import simple_features
from bcc.errors import UserError
from bcc.evaluation import Baseline, baseline, linear_baseline, linear_probabilities

PHOTOGRAPHS = Path(__file__).resolve().parents[3] / "shared" / "data" / "pbc"
NAMES = ["pink", "violet", "orange"]


def painted(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noisy images whose middle has the colour of their class."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    colours = np.array([[230, 160, 180], [120, 70, 160], [220, 130, 60]])
    images = np.full((count, 32, 32, 3), 235, dtype=np.int64)
    images[:, 8:24, 8:24] = colours[labels][:, None, None]
    images += rng.normal(0, 12, images.shape).astype(np.int64)
    return np.clip(images, 0, 255).astype(np.uint8), labels


def rows(start: int, stop: int) -> np.ndarray:
    return np.arange(start, stop)


def test_it_learns_what_can_be_learnt_and_reports_it() -> None:
    images, labels = painted(120)
    shares: list[float] = []
    result = linear_baseline(
        images, labels, NAMES, rows(0, 90), rows(90, 120), progress=lambda share, _: shares.append(share)
    )
    assert result.accuracy > 0.95
    assert (result.n_train, result.n_scored) == (90, 30)
    assert result.seconds > 0
    assert [record["class"] for record in result.per_class] == NAMES
    assert sum(record["support"] for record in result.per_class) == 30
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_it_cannot_learn_what_is_not_in_the_images() -> None:
    images, labels = painted(200)
    shuffled = np.random.default_rng(1).permutation(labels)
    assert linear_baseline(images, shuffled, NAMES, rows(0, 150), rows(150, 200)).accuracy < 0.6


def test_the_same_input_gives_the_same_scores_with_and_without_ready_features() -> None:
    images, labels = painted(80)
    arguments = (images, labels, NAMES, rows(0, 60), rows(60, 80))
    first = linear_baseline(*arguments, split="validation").to_dict()
    second = linear_baseline(*arguments, split="validation", features=simple_features(images)).to_dict()
    first.pop("seconds"), second.pop("seconds")
    assert first == second
    assert first["split"] == "validation"


def test_it_survives_json() -> None:
    images, labels = painted(40)
    result = linear_baseline(images, labels, NAMES, rows(0, 30), rows(30, 40))
    assert Baseline.from_dict(json.loads(json.dumps(result.to_dict(), allow_nan=False))) == result


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_handful_of_training_rows_is_enough_to_run(n: int) -> None:
    images, labels = painted(30)
    result = linear_baseline(images, labels, NAMES, rows(0, n), rows(10, 30))
    assert 0 <= result.accuracy <= 1


def test_a_class_without_training_rows_is_never_predicted() -> None:
    images, labels = painted(120)
    known = np.flatnonzero(labels[:90] != 1)
    result = linear_baseline(images, labels, NAMES, known, rows(90, 120))
    absent = result.per_class[1]
    assert (absent["predicted"], absent["recall"]) == (0, 0)
    assert result.accuracy == pytest.approx((labels[90:] != 1).mean())


def test_unknown_labels_are_not_learnt_and_count_as_wrong() -> None:
    images, labels = painted(100)
    labels[::2] = -1
    result = linear_baseline(images, labels, NAMES, rows(0, 80), rows(80, 100))
    assert result.n_train == 40
    assert result.accuracy == pytest.approx(0.5)


def test_images_without_any_difference_fall_back_to_the_commonest_class() -> None:
    images = np.full((20, 32, 32, 3), 128, dtype=np.uint8)
    labels = np.array([0] * 12 + [1] * 8)
    probabilities = linear_probabilities(
        simple_features(images[:18]), labels[:18], simple_features(images[18:]), 3
    )
    assert probabilities.argmax(axis=1).tolist() == [0, 0]
    assert probabilities.sum(axis=1) == pytest.approx([1, 1])


def test_copies_of_few_cells_do_not_blow_up_noise() -> None:
    images, labels = painted(50)
    few = np.arange(6).repeat(20)
    features = simple_features(images)
    probabilities = linear_probabilities(features[few], labels[few], features, 3)
    assert np.isfinite(probabilities).all()
    assert (probabilities.argmax(axis=1) == labels).mean() > 0.8


def test_more_rows_than_needed_are_sampled_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MOST_TRAIN_ROWS", 25)
    images, labels = painted(80)
    features = simple_features(images)
    asked: list[np.ndarray] = []
    fit = linear_probabilities

    def watched(train: np.ndarray, *rest: object) -> np.ndarray:
        asked.append(train)
        return fit(train, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(baseline, "linear_probabilities", watched)
    for seed in (0, 0, 1):
        result = linear_baseline(images, labels, NAMES, rows(0, 60), rows(60, 80), seed, features=features)
        assert result.n_train == 25
    assert np.array_equal(asked[0], asked[1])
    assert not np.array_equal(asked[0], asked[2])


def test_nothing_to_learn_from_or_to_score_is_said_in_a_sentence() -> None:
    images, labels = painted(10)
    with pytest.raises(UserError, match="no labelled images to learn from"):
        linear_baseline(images, labels, NAMES, rows(0, 0), rows(0, 10))
    with pytest.raises(UserError, match="validation side of the split is empty"):
        linear_baseline(images, labels, NAMES, rows(0, 10), rows(0, 0), split="validation")


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the PBC photographs are not beside the repository")
def test_real_cells_are_told_apart() -> None:
    images, labels = [], []
    names = sorted(folder.name for folder in PHOTOGRAPHS.iterdir() if folder.is_dir())
    for label, name in enumerate(names):
        for file in sorted((PHOTOGRAPHS / name).glob("*.jpg"))[::15][:45]:
            middle = cv2.imread(str(file))[80:280, 80:280, ::-1]
            images.append(cv2.resize(middle, (96, 96), interpolation=cv2.INTER_AREA))
            labels.append(label)
    order = np.random.default_rng(0).permutation(len(images))
    result = linear_baseline(np.stack(images), np.array(labels), names, order[:260], order[260:])
    assert result.accuracy > 0.8
