"""What to look for: how each class looks in a May-Grünwald-Giemsa stain, and how two are told apart.

Written for learners, from what haematology textbooks agree on (for example B. J. Bain, "Blood Cells: A
Practical Guide"). Sizes are of cells on a smear. No text is taken from a book, and none says anything about a
single image.
"""

from __future__ import annotations

from dataclasses import dataclass

from bcc.datasets.classes import cell_kind
from bcc.safe_text import capital


@dataclass(frozen=True)
class ClassGuide:
    """One class in words.

    Attributes:
        size: diameter.
        nucleus, cytoplasm: what they look like.
        giveaway: the one thing to look at first.
    """

    size: str
    nucleus: str
    cytoplasm: str
    giveaway: str


GUIDES: dict[str, ClassGuide] = {
    "basophil": ClassGuide(
        size="10 to 14 µm",
        nucleus="Lobed, but its outline is hard to see: granules lie over it.",
        cytoplasm="Coarse granules of uneven size, dark violet to black. They dissolve in water, so that "
        "some "
        "cells show pale holes where granules were.",
        giveaway="Dark, coarse granules that hide the nucleus.",
    ),
    "eosinophil": ClassGuide(
        size="12 to 17 µm",
        nucleus="Mostly two lobes, like a pair of glasses.",
        cytoplasm="Packed with round, orange-red granules, all of about the same size; they leave the "
        "nucleus "
        "free.",
        giveaway="Even orange granules that fill the cytoplasm.",
    ),
    "erythroblast": ClassGuide(
        size="8 to 15 µm",
        nucleus="Round, with clumped chromatin; late ones are small and as dense as a drop of ink.",
        cytoplasm="Blue when young, then grey, then pink as haemoglobin fills it. No granules.",
        giveaway="A very round, very dense nucleus in an even blue-grey or pink rim.",
    ),
    "immature granulocyte": ClassGuide(
        size="12 to 20 µm",
        nucleus="Round, oval or dented, never cut into lobes; chromatin finer than in a neutrophil, "
        "sometimes "
        "with nucleoli.",
        cytoplasm="Blue in promyelocytes, with coarse purple granules; pinker, with fine granules, in "
        "metamyelocytes.",
        giveaway="Granules, but a nucleus without lobes.",
    ),
    "lymphocyte": ClassGuide(
        size="7 to 15 µm",
        nucleus="Round or slightly dented, dense and smudgy; it fills most of the cell.",
        cytoplasm="A narrow rim of clear sky blue; large ones have more, with a few red granules at most.",
        giveaway="A dense round nucleus and little, clear blue cytoplasm.",
    ),
    "monocyte": ClassGuide(
        size="15 to 20 µm, the largest of the blood",
        nucleus="Kidney-shaped, folded or lobed, with loose, lacy chromatin.",
        cytoplasm="Plenty of it, grey-blue like ground glass, often with vacuoles and dust-fine granules.",
        giveaway="A large cell with grey-blue cytoplasm and a folded, pale nucleus.",
    ),
    "neutrophil": ClassGuide(
        size="12 to 15 µm",
        nucleus="Two to five lobes joined by thin threads; in band forms one bent rod of even width. "
        "Chromatin "
        "in coarse, dark clumps.",
        cytoplasm="Pale pink, with granules so fine that they look like dust.",
        giveaway="A segmented dark nucleus in pale pink cytoplasm.",
    ),
    "platelet": ClassGuide(
        size="2 to 4 µm; giant ones are as large as a red cell",
        nucleus="None.",
        cytoplasm="A small pale body with lilac granules in its middle.",
        giveaway="Far smaller than a red cell, and no nucleus.",
    ),
}
"""By the names of the preset "pbc"."""

_PAIRS: tuple[tuple[str, str, str], ...] = (
    (
        "immature granulocyte",
        "neutrophil",
        "Look at the narrowest place of the nucleus. Where it thins to a thread, or the rod has "
        "parallel sides, it is a neutrophil; round, oval or just dented (less than half of its width) "
        "is immature.",
    ),
    (
        "immature granulocyte",
        "monocyte",
        "Chromatin and colour decide: loose and lacy over grey-blue ground glass is a monocyte; "
        "denser chromatin with distinct granules, often a clearing beside the nucleus, is an immature "
        "granulocyte.",
    ),
    (
        "lymphocyte",
        "monocyte",
        "A large lymphocyte has clear sky-blue cytoplasm that yields to the red cells around it, and "
        "dense chromatin; a monocyte is grey-blue, often with vacuoles, and its chromatin is lacy.",
    ),
    (
        "erythroblast",
        "lymphocyte",
        "Both are round. The nucleus of an erythroblast is denser and more exactly round, and its "
        "cytoplasm has a tint of grey or pink; that of a lymphocyte is a clear light blue.",
    ),
    (
        "eosinophil",
        "neutrophil",
        "Granules decide: round, orange and large enough to be counted in an eosinophil; dust that "
        "can hardly be seen in a neutrophil. Two lobes speak for the eosinophil.",
    ),
    (
        "basophil",
        "neutrophil",
        "Dark coarse granules over the nucleus are a basophil's; a neutrophil with toxic granules "
        "still shows its lobes clearly.",
    ),
    (
        "basophil",
        "eosinophil",
        "Colour and evenness: dark violet and uneven in a basophil, orange and all alike in an "
        "eosinophil, which leaves the nucleus free.",
    ),
    (
        "basophil",
        "immature granulocyte",
        "Granules of a promyelocyte are purple and leave most of the nucleus visible; those of a "
        "basophil are nearly black and cover it.",
    ),
    (
        "basophil",
        "lymphocyte",
        "A basophil whose granules have dissolved can look like a lymphocyte: look for leftover dark "
        "granules and a lobed nucleus.",
    ),
    (
        "immature granulocyte",
        "lymphocyte",
        "Granules and size: an immature granulocyte is larger, with more cytoplasm and granules; the "
        "chromatin of a lymphocyte is smudged into dense blocks.",
    ),
    (
        "erythroblast",
        "immature granulocyte",
        "An erythroblast has no granules, and its nucleus is rounder and denser.",
    ),
    (
        "monocyte",
        "neutrophil",
        "A neutrophil's cytoplasm is pink and its chromatin clumped; a monocyte is grey-blue with "
        "lacy chromatin, even where its nucleus is lobed.",
    ),
    (
        "erythroblast",
        "platelet",
        "Compare with a red cell: a platelet is much smaller and has no dense round nucleus.",
    ),
    (
        "lymphocyte",
        "platelet",
        "A giant platelet has granules but no nucleus with a sharp edge.",
    ),
)
"""How two classes are told apart: both by name, in alphabetical order."""
_TOLD_APART = {frozenset((one, other)): sentence for one, other, sentence in _PAIRS}


def guide(name: str) -> ClassGuide | None:
    """What a class looks like; `None` for a class that is none of the eight.

    Args:
        name: as the dataset has it ("Neutrophils", "LY").
    """
    return GUIDES.get(cell_kind(name) or "")


def tell_apart(one: str, other: str) -> str:
    """How to tell two classes apart: the sentence written for the pair, else the giveaway of both; "" where
    one of them is unknown."""
    first, second = cell_kind(one), cell_kind(other)
    if first not in GUIDES or second not in GUIDES or first == second:
        return ""
    pair = _TOLD_APART.get(frozenset((first, second)))
    return pair or " ".join(
        f"{capital(name)}: {_small(GUIDES[kind].giveaway)}" for name, kind in ((one, first), (other, second))
    )


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
