"""The linear model asked about rows that it did not learn from."""

from __future__ import annotations

import numpy as np

from bcc.cells import out_of_fold_probabilities


def two_classes(count: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    return (labels[:, None] * 2 + rng.normal(0, 0.5, (count, 6))).astype(np.float32), labels


def test_rows_of_each_answer_add_up_to_one_and_are_right() -> None:
    features, labels = two_classes()
    chance = out_of_fold_probabilities(features, labels, 3)
    assert chance.shape == (200, 3)
    assert np.allclose(chance.sum(axis=1), 1)
    assert (chance.argmax(axis=1) == labels).mean() > 0.97
    assert not chance[:, 2].any()


def test_a_wrong_label_gets_no_chance_since_no_model_learned_from_it() -> None:
    features, labels = two_classes()
    given = labels.copy()
    given[:6] = 1 - given[:6]
    chance = out_of_fold_probabilities(features, given, 2)
    assert chance[np.arange(6), given[:6]].max() < 0.25


def test_noise_is_not_learned_by_heart() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 80)).astype(np.float32)
    labels = rng.integers(0, 2, 300)
    chance = out_of_fold_probabilities(features, labels, 2)
    assert abs((chance.argmax(axis=1) == labels).mean() - 0.5) < 0.1


def test_the_seed_deals_the_folds() -> None:
    features, labels = two_classes(60)
    first = out_of_fold_probabilities(features, labels, 2, seed=1)
    assert np.array_equal(first, out_of_fold_probabilities(features, labels, 2, seed=1))
    assert not np.array_equal(first, out_of_fold_probabilities(features, labels, 2, seed=2))


def test_a_lonely_row_gets_no_chance_for_its_class() -> None:
    features, labels = two_classes(61)
    labels = np.append(labels[:-1], 2)
    chance = out_of_fold_probabilities(features, labels, 3)
    assert chance[60, 2] == 0


def test_further_numbers_help_where_the_features_do_not_know() -> None:
    features, labels = two_classes()
    noise = np.random.default_rng(0).normal(size=features.shape).astype(np.float32)
    alone = out_of_fold_probabilities(noise, labels, 2)
    helped = out_of_fold_probabilities(noise, labels, 2, more=features)
    assert (helped.argmax(axis=1) == labels).mean() > 0.9 > (alone.argmax(axis=1) == labels).mean()
