"""What the names of folders say: parts of a split, the same class in another spelling, groups, and what is
no class at all.

Only words are judged here; which level of folders holds the classes is decided in
`bcc.datasets.folders.class_level`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SYSTEM_FOLDERS = {
    "__pycache__",
    "$recycle.bin",
    "#recycle",
    "recycler",
    "lost+found",
    "@eadir",
    "@tmp",
    "system volume information",
    "node_modules",
}
"""Folders that operating systems, network drives and tools leave behind; never looked into."""

_ASIDE = {
    *("unlabeled", "unlabelled", "unsorted", "unannotated", "not labeled", "not labelled", "no label"),
    *("doc", "docs", "documentation", "documents", "readme", "about", "paper", "papers", "manual"),
    *("figure", "figures", "plots", "screenshot", "screenshots", "thumbnail", "thumbnails", "thumbs"),
    *("preview", "previews", "example", "examples", "logo", "logos", "icons"),
}
_MASKS = {
    *("mask", "masks", "seg", "segm", "segmentation", "segmentations", "gt", "truth", "groundtruth"),
    *("annotation", "annotations", "label", "labels"),
}
_OF_MASKS = {
    "ground",
    "binary",
    "cell",
    "cells",
    "nucleus",
    "nuclei",
    "manual",
    "image",
    "images",
    "data",
    "png",
}
_ANYTHING = {
    *("image", "images", "img", "imgs", "picture", "pictures", "pics", "photo", "photos", "jpegimages"),
    *("data", "dataset", "samples", "files", "bilder", "all images", "raw images", "cell images"),
}
_UNKNOWN = {"unknown", "unknowns", "none", "no class", "class", "unclassified", "undefined", "all"}
_VARIANTS = {
    *("original", "originals", "raw", "segmented", "cropped", "crops", "augmented", "resized", "processed"),
    *("preprocessed", "normalized", "normalised", "enhanced", "unprocessed", "rgb", "gray", "grey"),
    *("grayscale", "greyscale", "denoised", "filtered", "balanced", "unbalanced"),
}
_GROUP = re.compile(
    r"(data ?set|data|folds?|cv|k fold|part|batch|patient|subject|donor|case|person|individual|slide|smear|"
    r"scan|session|day|week|visit|site|hospital|lab|laboratory|centre|center|microscope|camera|scanner|"
    r"group|run|experiment|cohort|split|set|series|source|plate|well)( no)?( [0-9]+| [a-z])( [0-9a-z]+)*"
)
_NUMBERED = re.compile(r"([a-z]{1,3} )?[0-9]+( [0-9a-z]+)*")
_SHORT = {
    *("band", "bands", "stab", "stabs", "eos", "eo", "baso", "bas", "mono", "mon", "lym", "lymph", "ly"),
    *("neut", "neu", "plt", "meta", "myelo", "promyelo", "blasts", "atl", "nrbc", "rbc", "wbc"),
}
"""How laboratories shorten the names of cells."""
_CELL = re.compile(r"(cyte|phil|blast|platelet|leukocyt|leucocyt|granulocyt|lymph|monocyt)")

_SIDES = {
    0: (
        *("train", "training", "trainings", "trn", "learn", "learning", "trainval"),
        *("entrenamiento", "treino", "treinamento", "entrainement", "apprentissage"),
    ),
    1: (
        *(
            "val",
            "valid",
            "validation",
            "vali",
            "validate",
            "validating",
            "dev",
            "development",
            "eval",
            "evaluation",
        ),
        *("validierung", "validierungs", "validacion", "validacao"),
    ),
    2: ("test", "testing", "tests", "tst", "holdout", "heldout", "teste", "prueba"),
}
_SIDE_OF = {word: side for side, words in _SIDES.items() for word in words}
_FILLERS = {
    *("set", "sets", "data", "daten", "dataset", "image", "images", "img", "imgs", "pic", "pics", "picture"),
    *("pictures", "photo", "photos", "bilder", "cell", "cells", "split", "part", "folder", "dir", "subset"),
    *("simple", "small", "large", "big", "full", "whole", "final", "public", "private", "internal"),
    *("external", "new", "old", "all", "the", "for", "of", "out", "hold", "held", "easy", "hard", "db"),
}


def _any_of(words: Iterable[str]) -> str:
    return f"({'|'.join(sorted(words, key=len, reverse=True))})"


_COPY = r"(?:copy|kopie|kopia|kopi|copie|copia|c[oó]pia|duplicate|backup|bak)"
_ORDINAL = r"(?:(?:another|[0-9]+(?:st|nd|rd|th)|[0-9]+\.?) )?"
_COPIES = tuple(
    re.compile(form)
    for form in (
        # "A (1)", "A (copy)", "A (3rd copy)"
        rf"(?P<of>.+?) ?\((?:[0-9]+|{_ORDINAL}{_COPY}(?: [0-9]+)?)\)",
        # "A - Copy", "A – Kopie", "A copy", "A copy 2", "A.bak"
        rf"(?P<of>.+?)(?: [-\u2013\u2014] ?| |\.){_COPY}(?: ?[0-9]+)?",
        # "Copy of A", "Copy (2) of A", "Kopie von A", "Copia de A"
        rf"{_COPY}(?: ?\([0-9]+\)| [0-9]+)? (?:of|von|van|de|di|av|af) (?P<of>.+)",
        # "Kopia A"
        r"(?:kopia|kopie) (?P<of>.+)",
    )
)
"""How systems call a copy of a folder, in several languages; `of` is what it is a copy of."""


_JOINED = re.compile(_any_of(_SIDE_OF) + _any_of(_FILLERS))
"""For names such as trainset and testimages."""


def plain(name: str) -> str:
    """A name without what people write differently: case, blanks, `_` and `-` between words, accents' form.

    "CD4+" and "CD4-" stay two names: only marks between letters or digits count as blanks.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(re.sub(r"(?<=\w)[_\-]+(?=\w)|_+", " ", folded).split())


def shown(name: str) -> str:
    """A name as it can be shown, saved and sent: no blanks around, bytes that are no UTF-8 as `\\xe9`, no
    line breaks and other control characters."""
    # A file system hands such bytes over as lone surrogates.
    text = name.encode("utf-8", "surrogateescape" if _from_bytes(name) else "backslashreplace")
    spaced = "".join(
        " " if unicodedata.category(c) == "Cc" else c for c in text.decode("utf-8", "backslashreplace")
    )
    return " ".join(spaced.split())


def _from_bytes(name: str) -> bool:
    return all("\udc80" <= letter <= "\udcff" for letter in name if "\ud800" <= letter <= "\udfff")


def natural(name: str) -> tuple[str, str]:
    """To sort by: numbers by their value ("2" before "10"), all else letter by letter."""
    return re.sub(r"[0-9]+", lambda digits: digits.group().zfill(20), name), name


def is_system(name: str) -> bool:
    """Whether a folder belongs to an operating system or a tool."""
    return name.strip().casefold() in SYSTEM_FOLDERS


def is_set_aside(name: str) -> bool:
    """Whether a folder's name says that its images belong to no class."""
    return plain(name) in _ASIDE


def is_mask_folder(name: str) -> bool:
    """Whether a folder's name says that it holds masks, not photographs."""
    words = set(_words(name))
    return bool(words & _MASKS) and words <= _MASKS | _OF_MASKS


def may_be_segmented_cells(name: str, others: Iterable[str]) -> bool:
    """Whether a folder `seg` may hold segmented neutrophils, by the names of the folders beside it."""
    beside = {plain(other) for other in others}
    if plain(name) not in ("seg", "segs", "segm"):
        return False
    if any(other.startswith("neut") for other in beside):
        # All neutrophils have their folder, unless the young ones are kept apart.
        return bool(beside & {"band", "bands", "stab", "stabs"})
    return any(is_cell(other) or other in _SHORT for other in beside)


def masks_of(name: str) -> str:
    """What the masks in a folder are of, by its name and as `plain` gives it: "A_masks" -> "a"; else ""."""
    words = plain(name).split()
    of = list(words)
    while of and of[-1] in _MASKS:
        of.pop()
    return " ".join(of) if of != words else ""


def copied_from(name: str) -> list[str]:
    """What a folder may be a copy of, by its name and as `plain` gives it: "A - Copy (2)" -> "a - copy", "a".

    Only a name that some other folder bears makes it a likely copy: "Type (1)" alone is none.
    """
    found: list[str] = []
    left = plain(name)
    while form := next((match for copy in _COPIES if (match := copy.fullmatch(left))), None):
        left = form["of"].strip()
        found.append(left)
    return found


def is_uninformative(name: str) -> bool:
    """Whether a folder's name says no more than that there are images in it ("images")."""
    return plain(name) in _ANYTHING


def names_no_class(name: str) -> bool:
    """Whether a folder's name, alone in a part of a split, says that the classes are not given there."""
    return is_uninformative(name) or is_set_aside(name) or plain(name) in _UNKNOWN


def is_variant(name: str) -> bool:
    """Whether a folder's name says how images were made ("Original", "Segmented")."""
    return plain(name) in _VARIANTS


def is_group(name: str) -> bool:
    """Whether a folder's name counts things that are no classes ("patient_1", "fold_0", "Dataset 2")."""
    return _GROUP.fullmatch(" ".join(_words(name))) is not None


def is_numbered(name: str) -> bool:
    """Whether a name is hardly more than a number ("1", "P07", "2021-03-04")."""
    return is_group(name) or _NUMBERED.fullmatch(" ".join(_words(name))) is not None


def is_cell(name: str) -> bool:
    """Whether a name sounds like a kind of blood cell."""
    return plain(name) in ("ig", "blast") or _CELL.search(plain(name)) is not None


def side_of(name: str) -> int | None:
    """Position in `SPLITS` of the side that a folder's name means, none where it means none.

    Decorations do not matter: "TEST_SIMPLE", "01_train", "TrainingSet" and "Test-A" are understood,
    "test positive" is not.
    """
    side, others = _side_and_others(name)
    ornaments = all(word in _FILLERS or word.isdigit() or len(word) == 1 for word in others)
    return side if ornaments else None


def loose_side_of(name: str) -> int | None:
    """As `side_of`, whatever other words there are ("test_hospital_3"); for folders beside sure ones."""
    return _side_and_others(name)[0]


def _side_and_others(name: str) -> tuple[int | None, list[str]]:
    words: list[str] = []
    text = " ".join(_words(name))
    for word in re.sub(r"h(o|e)ld out", "holdout", text).split():
        joined = _JOINED.fullmatch(word)
        words += joined.groups() if joined and word not in _SIDE_OF else [word]
    sides = [_SIDE_OF[word] for word in words if word in _SIDE_OF]
    others = [word for word in words if word not in _SIDE_OF]
    if sides == [0, 1]:
        # "train_val": all that is not the test.
        sides = [0]
    return (sides[0] if len(sides) == 1 else None), others


def _words(name: str) -> list[str]:
    """ "TrainingSet_01" -> training, set, 01."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=[0-9])|(?<=[0-9])(?=[^\W\d_])", " ", name)
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", apart).casefold())
