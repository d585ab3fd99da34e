"""What is said about classes: complete for the eight, silent about others."""

from __future__ import annotations

from itertools import combinations

import pytest

from bcc.datasets import CLASS_PRESETS
from bcc.practice.class_guide import GUIDES, guide, tell_apart


def test_every_class_of_the_preset_is_described() -> None:
    assert set(GUIDES) == set(CLASS_PRESETS["pbc"])
    for words in GUIDES.values():
        assert all((words.size, words.nucleus, words.cytoplasm, words.giveaway))


@pytest.mark.parametrize("name", ["Neutrophils", "neutrophil", "NEU"])
def test_other_spellings_find_their_class(name: str) -> None:
    assert guide(name) is GUIDES["neutrophil"]


def test_an_unknown_class_has_no_words() -> None:
    assert guide("smudge cell") is None
    assert tell_apart("smudge cell", "neutrophil") == ""
    assert tell_apart("neutrophil", "Neutrophils") == ""


def test_any_two_classes_can_be_told_apart_whichever_comes_first() -> None:
    for one, other in combinations(GUIDES, 2):
        assert tell_apart(one, other)
        assert set(tell_apart(one, other).split()) == set(tell_apart(other, one).split())


def test_a_pair_without_a_sentence_gets_both_giveaways() -> None:
    assert tell_apart("basophil", "monocyte") == (
        "Basophil: dark, coarse granules that hide the nucleus. "
        "Monocyte: a large cell with grey-blue cytoplasm and a folded, pale nucleus."
    )
