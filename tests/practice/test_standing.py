"""Results of people, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix

from bcc.practice.answers import TOO_LATE, Answer, AnswerBook
from bcc.practice.standing import (
    NO_ANSWER,
    by_day,
    by_person,
    disagreements,
    hardest,
    hardness,
    standing,
)
from bcc.wilson import wilson

NAMES = ("a", "b", "c")


def answers(seed: int = 0, n: int = 200) -> list[Answer]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    given = np.where(rng.random(n) < 0.7, truth, rng.integers(0, 3, n))
    run = np.where(rng.random(n) < 0.9, truth, rng.integers(0, 3, n))
    return [
        Answer(
            when=f"2026-01-{1 + place % 5:02d}T10:00:00+00:00",
            data="d",
            row=place % 50,
            truth=NAMES[truth[place % 50]],
            answer=NAMES[given[place]],
            seconds=float(place % 7),
            run="r" if place % 2 else "",
            run_answer=NAMES[run[place]] if place % 2 else "",
            run_share=0.9,
        )
        for place in range(n)
    ]


def test_scores_are_those_of_scikit_learn() -> None:
    given = answers()
    truth, said = [one.truth for one in given], [one.answer for one in given]
    found = standing(given, NAMES)
    assert found.share == pytest.approx(accuracy_score(truth, said))
    assert found.kappa == pytest.approx(cohen_kappa_score(truth, said))
    np.testing.assert_array_equal(found.confusion.to_numpy(), confusion_matrix(truth, said, labels=NAMES))
    low, high = wilson(np.array(found.share), np.array(200))
    assert found.interval == (low, high)
    recall = np.diag(found.confusion) / found.confusion.sum(axis=1)
    np.testing.assert_allclose(found.per_class["share"], recall)
    asked = [one for one in given if one.run_answer]
    assert (found.compared, found.run_right) == (100, sum(one.run_answer == one.truth for one in asked))
    assert found.right_there == sum(one.right for one in asked)


def test_a_second_sight_and_a_foreign_class_do_not_count() -> None:
    one = answers()[0]
    given = [one, one.model_copy(update={"again": True}), one.model_copy(update={"truth": "other"})]
    assert standing(given, NAMES).n == 1


def test_no_answer_in_time_is_wrong_and_has_its_column() -> None:
    late = answers()[0].model_copy(update={"answer": TOO_LATE})
    found = standing([late], NAMES)
    assert found.right == 0
    assert found.confusion.loc[late.truth, NO_ANSWER] == 1
    assert found.per_class["usual_mistake"].tolist() == ["", "", ""]


def test_nothing_answered_is_no_number() -> None:
    found = standing([], NAMES)
    assert found.n == 0
    assert np.isnan([found.share, *found.interval, found.kappa, found.seconds]).all()
    assert by_day([]).empty
    assert by_person([]).empty
    assert hardest([], "d").empty
    assert disagreements([]).empty


def test_disagreements_say_who_was_right() -> None:
    base = Answer(data="d", row=1, truth="a", run="r")
    given = [
        base.model_copy(update={"row": 1, "answer": "a", "run_answer": "b"}),
        base.model_copy(update={"row": 2, "answer": "b", "run_answer": "a"}),
        base.model_copy(update={"row": 3, "answer": "b", "run_answer": "c"}),
        base.model_copy(update={"row": 4, "answer": "b", "run_answer": "b"}),
        base.model_copy(update={"row": 5, "answer": "b"}),
    ]
    table = disagreements(given)
    assert table["row"].tolist() == [3, 2, 1]
    assert table["who"].tolist() == ["neither", "the run", "you"]


def test_the_hardest_cell_is_the_one_that_most_people_miss() -> None:
    def said(row: int, *right: bool) -> list[Answer]:
        return [Answer(data="d", row=row, truth="a", answer="a" if one else "b") for one in right]

    books = [
        AnswerBook("Ann", tuple(said(1, False, False, False) + said(2, True, True) + said(3, False))),
        AnswerBook("Bob", tuple(said(1, False) + said(2, False))),
        AnswerBook("Cy", (Answer(data="elsewhere", row=1, truth="a", answer="b"),)),
    ]
    table = hardest(books, "d")
    assert table["row"].tolist() == [1, 2]
    assert table["difficulty"].tolist() == [5 / 6, 2 / 5]
    assert table["usual_mistake"].tolist() == ["b", "b"]
    assert hardest(books, "d", least=1)["row"].tolist() == [1, 3, 2]


def test_hardness_takes_people_where_they_answered_and_the_run_elsewhere() -> None:
    wrong = Answer(data="d", row=1, truth="a", answer="b")
    right = Answer(data="d", row=2, truth="a", answer="a")
    beyond = Answer(data="d", row=9, truth="a", answer="b")
    books = [AnswerBook("Ann", (wrong, right, beyond))]
    known = hardness(4, books, "d", np.array([0.9, 1.0, 0.8, 0.4]))
    np.testing.assert_allclose(known, [0.1, 2 / 3, 1 / 3, 0.6])
    alone = hardness(4, books, "d")
    assert np.isnan(alone[[0, 3]]).all()
    assert alone[1] > alone[2]


def test_days_and_people_add_up() -> None:
    given = answers()
    days = by_day(given)
    assert days["day"].tolist() == [f"2026-01-{day:02d}" for day in range(1, 6)]
    assert days["n"].sum() == 200
    assert days["right"].sum() == standing(given, NAMES).right
    people = by_person([AnswerBook("Ann", tuple(given)), AnswerBook("Bob", ())])
    assert people["name"].tolist() == ["Ann"]
    assert people["seconds"].tolist() == [3.0]
