from __future__ import annotations

import pytest

from bcc.datasets import CLASS_PRESETS, resolve_classes
from bcc.datasets.classes import fitting_classes, folder_classes
from bcc.errors import UserError

PBC = CLASS_PRESETS["pbc"]


def test_pbc_is_the_eight_in_alphabetical_order() -> None:
    assert len(PBC) == 8
    assert list(PBC) == sorted(PBC)
    assert PBC[3] == "immature granulocyte"


def test_names_come_from_a_preset_a_text_or_a_list() -> None:
    assert resolve_classes(None, 3) == ("class 0", "class 1", "class 2")
    assert resolve_classes(" PBC ", 8) == PBC
    assert resolve_classes("a, b ,c", 3) == ("a", "b", "c")
    assert resolve_classes(["a", " b"], 2) == ("a", "b")
    assert resolve_classes("only", 1) == ("only",)


def test_more_names_than_the_labels_use_are_fine() -> None:
    assert resolve_classes("pbc", 5) == PBC


@pytest.mark.parametrize(
    ("classes", "count", "words"),
    [
        ("pbc", 9, "'pbc' has 8 names.*9 classes"),
        ("a,b", 3, "2 names.*3 classes"),
        ("pcb", 8, "no class names called 'pcb'.*pbc.*8 names"),
        ("a,,c", 3, "empty name"),
        ([], 0, "empty name"),
        ("a,b,a", 3, "'a' twice"),
        (["x" * 121, "b"], 2, "121 letters"),
        ([str(i) for i in range(10_000)], 2, "10,000 names"),
    ],
)
def test_names_that_do_not_fit_are_refused(classes: str | list[str], count: int, words: str) -> None:
    with pytest.raises(UserError, match=words):
        resolve_classes(classes, count)


def test_folders_of_pbc_are_written_out() -> None:
    assert folder_classes(["basophil", "ig", "platelet"]) == ("basophil", "immature granulocyte", "platelet")
    assert folder_classes(["IG", "Neutrophil"]) == ("immature granulocyte", "neutrophil")


def test_other_folders_keep_their_names() -> None:
    assert folder_classes(["blast", "ig"]) == ("blast", "ig")
    assert folder_classes(["ig", "IG"]) == ("ig", "IG")


def test_classes_that_have_names_keep_their_number() -> None:
    assert fitting_classes("x,y,z", ("a", "b", "c")) == ("x", "y", "z")
    assert fitting_classes("pbc", ("class 0", "class 1")) == PBC
    with pytest.raises(UserError, match=r"8 names.*3 classes basophil, ig, platelet"):
        fitting_classes("pbc", ("basophil", "ig", "platelet"))


TWELVE = tuple(str(number) for number in range(1, 13))


@pytest.mark.parametrize(
    ("classes", "given"),
    [
        # Only numbered, or lettered: any list fits.
        ("pbc", tuple(f"class {number}" for number in range(8))),
        ("pbc", tuple("12345678")),
        ("pbc", tuple(f"type_{number}" for number in range(8))),
        ("pbc", tuple("abcdefgh")),
        ([f"kind {number}" for number in range(12)], TWELVE),
        # The same kinds, as laboratories write them.
        ("pbc", ("BA", "EO", "ERB", "IG", "LY", "MO", "NEU", "PLT")),
        (
            "pbc",
            ("Basophils", "Eosinophils", "Erythroblasts", "ig", "Lympho", "Mono", "Neutro", "Thrombocytes"),
        ),
        # Other names for classes that are no kind of PBC, or the kinds' own in other words.
        ("segmented,band", ("seg", "stab")),
        ("red,green,blue,grey", ("amber", "blue", "cyan", "dark")),
        ("polymorph,platelet", ("neutrophil", "thrombocyte")),
    ],
)
def test_lists_that_fit(classes: str | list[str], given: tuple[str, ...]) -> None:
    assert len(fitting_classes(classes, given)) == len(given)


@pytest.mark.parametrize(
    ("classes", "given", "words"),
    [
        ("b,a,c", ("a", "b", "c"), "puts 'b' on the class that the set calls 'a'.*order a, b, c"),
        ("x,a,y", ("a", "b", "c"), "puts 'a' on the class that the set calls 'b'"),
        (
            "amber,cyan,x,y",
            ("amber", "blue", "cyan", "dark"),
            "puts 'cyan' on the class that the set calls 'blue'",
        ),
        ("MONOCYTE,blast", ("blast", "monocyte"), "puts 'MONOCYTE' on the class that the set calls 'blast'"),
        (
            "erythroblast,cell",
            ("lymphocyte", "cell b"),
            "would call 'erythroblast' what the set calls 'lympho",
        ),
        (
            "pbc",
            ("artefact", *PBC[:3], *PBC[4:]),
            "puts 'basophil' on the class that the set calls 'artefact'",
        ),
        (
            "pbc",
            ("EO", "BA", "ERB", "IG", "LY", "MO", "NEU", "PLT"),
            "call 'basophil' what the set calls 'EO'",
        ),
        ("pbc", tuple(f"kind of {word}" for word in "abcdefgh"), "preset 'pbc' would call 'basophil'"),
        ("2,1", ("1", "2"), "puts '2' on the class that the set calls '1'"),
        ("a,b", ("class 1", "class 2", "class 3"), "2 names"),
        ("a,b,c,d", ("class 7", "class 8", "class 9"), "4 names, but the set has the 3 classes"),
    ],
)
def test_lists_that_permute_or_contradict_are_refused(
    classes: str, given: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        fitting_classes(classes, given)


def test_names_are_cleaned_of_what_no_screen_can_show() -> None:
    assert resolve_classes(["a\nb", "c\udce9\t"], 2) == ("a b", r"c\xe9")
