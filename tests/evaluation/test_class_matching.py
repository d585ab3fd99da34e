from __future__ import annotations

import numpy as np
import pytest

from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes, names_for_set

BLOOD = ("basophil", "immature granulocyte", "monocyte")


def test_classes_are_matched_by_name_whatever_their_order() -> None:
    matching = match_classes(("monocyte", "basophil", "immature granulocyte"), BLOOD)
    assert matching.to_run.tolist() == [2, 0, 1]
    assert matching.unknown == ()
    assert not matching.by_position
    np.testing.assert_array_equal(matching.labels(np.array([0, 0, 1, 2])), [2, 2, 0, 1])


def test_case_and_underscores_do_not_matter() -> None:
    matching = match_classes(("Monocyte", "IMMATURE_granulocyte", " basophil "), BLOOD)
    assert matching.to_run.tolist() == [2, 1, 0]


def test_classes_that_the_run_never_saw_are_minus_one() -> None:
    matching = match_classes(("platelet", "monocyte", "artefact"), BLOOD)
    assert matching.to_run.tolist() == [-1, 2, -1]
    assert matching.unknown == ("platelet", "artefact")


def test_a_set_may_have_fewer_classes() -> None:
    assert match_classes(("monocyte",), BLOOD).to_run.tolist() == [2]


@pytest.mark.parametrize(
    ("of_set", "of_run"),
    [
        (("class 0", "class 1", "class 2"), BLOOD),
        (BLOOD, ("class 0", "class 1", "class 2")),
    ],
)
def test_placeholders_match_by_position(of_set: tuple[str, ...], of_run: tuple[str, ...]) -> None:
    matching = match_classes(of_set, of_run)
    assert matching.to_run.tolist() == [0, 1, 2]
    assert matching.by_position, "a person should be told"


def test_the_same_placeholders_need_no_word() -> None:
    names = ("class 0", "class 1")
    assert not match_classes(names, names).by_position


def test_one_real_name_among_placeholders_is_no_placeholder() -> None:
    with pytest.raises(UserError, match="have no name in common"):
        match_classes(("class 0", "class 1", "other"), BLOOD)


def test_placeholders_of_another_number_do_not_match() -> None:
    """By position, the classes would slip."""
    with pytest.raises(UserError, match="have no name in common"):
        match_classes(("class 0", "class 1"), BLOOD)


def test_nothing_in_common_is_one_sentence() -> None:
    with pytest.raises(UserError) as caught:
        match_classes(("cat", "dog", "cow", "hen", "pig"), BLOOD)
    assert str(caught.value) == (
        "The dataset's classes (cat, dog, cow, hen, ...) and the run's (basophil, immature granulocyte, "
        "monocyte) have no name in common: name the set's classes on the Data page, or with --classes."
    )


def test_a_runs_classes_are_called_as_the_dataset_calls_them() -> None:
    assert names_for_set(["Blue", "x"], ["amber", "blue"]) == ("amber", "Blue")
    assert names_for_set(["class 0", "class 1"], ["amber", "blue"]) == ("class 0", "class 1")
    assert names_for_set(["x"], ["amber", "blue"]) == ("amber", "blue")
    assert names_for_set([], ["amber"]) == ("amber",)
