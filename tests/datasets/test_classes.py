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
