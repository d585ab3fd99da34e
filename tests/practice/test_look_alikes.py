"""Pairs of classes: typical cells, cells at the border, reliability between the two alone."""

from __future__ import annotations

import numpy as np
import pytest

from bcc.datasets import Dataset
from bcc.evaluation.predictions.set_answers import SetAnswers
from bcc.practice.atlas_page import atlas_page
from bcc.practice.look_alikes import (
    CONDITIONS,
    class_places,
    most_confused,
    pair_reliability,
    pair_rows,
    rows_of,
)
from bcc.practice.rounds import pool_of
from bcc.practice.traits import measure_traits, telling_apart

RUN = ("platelet", "Lymphocyte", "neutrophil")


@pytest.fixture
def answers(cells: Dataset) -> SetAnswers:
    """A run with three classes that is sure of all cells, but of some neutrophils (class 0)."""
    rng = np.random.default_rng(0)
    own = np.array([2, 1, 0, 0])[cells.labels]
    probabilities = np.full((len(cells), 3), 0.02, np.float32)
    probabilities[np.arange(len(cells)), own] = 0.96
    probabilities[0] = (0.02, 0.90, 0.08)  # on the wrong side
    probabilities[4] = (0.02, 0.50, 0.48)  # at the border, just on the wrong side
    probabilities[8] = (0.02, 0.47, 0.51)  # at the border
    probabilities[12] = (0.98, 0.01, 0.01)  # neither of the two
    features = rng.normal(0, 0.1, (len(cells), 5)) + cells.labels[:, None]
    features[20] = 50
    return SetAnswers(probabilities, features.astype(np.float16), np.zeros(5), np.ones(5))


def test_cells_of_a_pair(cells: Dataset, answers: SetAnswers) -> None:
    found = pair_rows(pool_of(cells), answers, RUN, "neutrophil", "lymphocyte", count=3)
    assert found is not None
    assert found.border[0][:2].tolist() == [4, 8]
    assert found.crossed[0].tolist() == [0, 4]
    assert found.crossed[1].tolist() == []
    assert 12 not in np.concatenate([found.border[0], found.crossed[0]])
    assert len(found.typical[0]) == 3
    assert 20 not in found.typical[0]
    assert set(cells.labels[found.typical[1]]) == {1}


def test_a_class_that_the_run_does_not_know(cells: Dataset, answers: SetAnswers) -> None:
    assert pair_rows(pool_of(cells), answers, RUN, "neutrophil", "smudge") is None
    names = cells.class_names
    assert class_places(names, RUN, "smudge", "neutrophil") is None
    assert class_places(names, RUN, "lymphocyte", "platelet") == [1, 0]
    assert class_places(["a", "b"], ["c", "d"], "a", "b") is None


def test_numbered_classes_are_found_whichever_comes_first() -> None:
    numbered = ("class 0", "class 1")
    assert class_places(numbered, numbered, "class 1", "class 0") == [1, 0]
    assert class_places(numbered, ("cat", "dog"), "class 1", "class 0") == [1, 0]
    assert class_places(("cat", "dog"), numbered, "dog", "cat") == [1, 0]


def test_the_pair_that_is_mixed_up_most(cells: Dataset, answers: SetAnswers) -> None:
    assert most_confused(pool_of(cells), answers, RUN) == ("neutrophil", "lymphocyte")
    assert most_confused(pool_of(cells), answers, ("neutrophil", "x")) is None


def test_reliability_counts_the_two_classes_alone(cells: Dataset) -> None:
    pool = pool_of(cells)
    rows = rows_of(pool, "neutrophil"), rows_of(pool, "lymphocyte")
    shown = []

    def predict(images: np.ndarray) -> np.ndarray:
        shown.append(images)
        said = np.tile([0.8, 0.15, 0.05], (len(images), 1))
        said[:5] = (0.8, 0.05, 0.15)
        return said

    table = pair_reliability(predict, cells.images, rows, [2, 1], most=10)
    assert table["condition"].tolist() == list(CONDITIONS)
    assert table["n"].tolist() == [20] * 3
    # The first five neutrophils are called so, and all lymphocytes; the rest of the neutrophils are not.
    assert table["right"].tolist() == [15] * 3
    assert table[["first", "second"]].to_numpy().tolist() == [[0.5, 1.0]] * 3
    assert (table["low"] < 0.75).all()
    assert (table["high"] > 0.75).all()
    np.testing.assert_array_equal(
        shown[0][0], cells.images[np.sort(np.random.default_rng(0).permutation(rows[0])[:10])[0]]
    )
    assert (shown[1] != shown[0]).any()
    assert (shown[2] != shown[0]).any()


def test_the_page_to_print_holds_cells_words_and_no_markup_of_names(cells: Dataset) -> None:
    pool = pool_of(cells)
    measured = [measure_traits(cells.images, rows_of(pool, name)) for name in ("neutrophil", "lymphocyte")]
    images = np.asarray(cells.images[:2])
    page = atlas_page(
        "neutrophil",
        "<b>lymphocyte</b>",
        source="<i>cells</i>",
        cells=[("Typical cells", images, images[:0])],
        traits=telling_apart(*measured),
    )
    assert page.count("data:image/jpeg") == 2
    assert "Neutrophil or &lt;b&gt;lymphocyte" in page
    assert "<i>cells" not in page
    assert "http" not in page.replace("http-equiv", "")
