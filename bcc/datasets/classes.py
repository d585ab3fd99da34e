"""Names of the classes of a dataset.

Names come from the file, else from the folders, else they are "class 0", "class 1" and so on; a person
can choose a preset or type a list. This module does not decide which class a row belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bcc.datasets.folder_names import plain, shown
from bcc.errors import UserError, shortened

CLASS_PRESETS: dict[str, tuple[str, ...]] = {
    "pbc": (
        "basophil",
        "eosinophil",
        "erythroblast",
        "immature granulocyte",
        "lymphocyte",
        "monocyte",
        "neutrophil",
        "platelet",
    )
}
"""Known lists of names. "pbc" has the eight cells of Acevedo et al., Data in Brief 30 (2020) 105474."""

UNLABELLED = "unlabelled"
"""Class of rows without a label; a model never learns it."""
MAX_CLASSES = 9_999
MAX_NAME_LENGTH = 120

OWN_NAMES = "own"
"""In place of names: those that the source itself has."""

_SHORT = {
    "ba": "basophil",
    "baso": "basophil",
    "eo": "eosinophil",
    "eos": "eosinophil",
    "erb": "erythroblast",
    "normoblast": "erythroblast",
    "ig": "immature granulocyte",
    "ly": "lymphocyte",
    "mo": "monocyte",
    "ne": "neutrophil",
    "neu": "neutrophil",
    "plt": "platelet",
    "thrombocyte": "platelet",
    "thrombocytes": "platelet",
}
"""How laboratories shorten the kinds of PBC."""

_PBC_FOLDERS = {**{name: name for name in CLASS_PRESETS["pbc"]}, "ig": "immature granulocyte"}


def default_classes(count: int) -> tuple[str, ...]:
    """ "class 0", "class 1" ... for a set that names none."""
    return tuple(f"class {position}" for position in range(count))


def folder_classes(folders: Sequence[str]) -> tuple[str, ...]:
    """Class names for folder names, in the same order; PBC's `ig` is written out."""
    shown = [_PBC_FOLDERS.get(name.lower()) for name in folders]
    known = [name for name in shown if name is not None]
    if len(known) == len(folders) and len(set(known)) == len(known):
        return tuple(known)
    return tuple(folders)


def resolve_classes(classes: str | Sequence[str] | None, count: int) -> tuple[str, ...]:
    """Return names for `count` classes.

    Args:
        classes: a preset ("pbc"), a comma-separated list, a sequence of names, or `None` for
            "class 0", "class 1" and so on.
        count: how many classes the labels use (the highest label plus one). More names than that
            are fine: the last classes then have no rows.

    Raises:
        UserError: too few names, an empty or repeated one, or an unknown preset.
    """
    if classes is None:
        return default_classes(count)
    if isinstance(classes, str):
        text = classes.strip()
        if text.lower() in CLASS_PRESETS:
            return _enough(CLASS_PRESETS[text.lower()], count, f"The preset '{text}'")
        if "," not in text and count > 1:
            presets = ", ".join(CLASS_PRESETS)
            raise UserError(
                f"There are no class names called '{classes}'; choose a preset ({presets}) or write all "
                f"{count} names with commas between them."
            )
        classes = text.split(",")
    return _enough(checked_names(classes, "The list of class names"), count, "The list of class names")


def fitting_classes(classes: str | Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    """Return names for a dataset whose source names its classes `given`.

    Names are assigned by position, so that a list in another order would silently swap classes.
    Where the source only numbers its classes ("class 3", a folder "3") any list fits.

    Raises:
        UserError: as `resolve_classes`; or the source names its classes and their number differs, a name
            belongs to another class, or a known kind of cell would be called by another kind's name.
    """
    numbers = _numbers(given)
    count = len(given)
    if numbers is not None and min(numbers) > 0:
        names = resolve_classes(classes, count)
        if len(names) > max(numbers):
            # The list goes from class 0 on, and this set has none of that class.
            return tuple(names[number] for number in numbers)
        if len(names) == count:
            return names
        raise UserError(
            f"The list of class names has {len(names)} names, but the set has the {count} classes "
            f"{_listing(given)}; give one name for each, in this order."
        )
    names = resolve_classes(classes, count)
    if len(names) != count and tuple(given) != default_classes(count):
        raise UserError(
            f"The list of class names has {len(names)} names, but the set has the {count} classes "
            f"{_listing(given)}; give one name for each, in this order."
        )
    _check_contradictions(names, given, _preset_of(classes))
    return names


def renamed(names: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """New name -> what the source calls the class, for those whose names differ."""
    return {name: old for name, old in zip(names, given, strict=False) if name != old}


def _check_contradictions(names: Sequence[str], given: Sequence[str], preset: str) -> None:
    """Refuse names that belong to other classes than those that they are assigned to.

    Raises:
        UserError: one does.
    """
    places = {plain(name): position for position, name in enumerate(given)}
    at = [places.get(plain(name)) for name in names]
    moved = [position for position, place in enumerate(at) if place not in (None, position)]
    kept = [position for position, place in enumerate(at) if place == position]
    # One word in common with an otherwise unrelated list is no other order of the same names.
    is_chance = len(moved) == 1 and not kept and len(given) >= 4
    for position, (name, old) in enumerate(zip(names, given, strict=False)):
        if plain(name) == plain(old):
            continue
        place = at[position]
        if place is not None and not is_chance:
            raise UserError(
                f"The list of class names puts '{name}' on the class that the set calls '{old}', though it "
                f"has a class '{given[place]}'; give the names in the order {_listing(given)}, or none."
            )
        if _is_number(old):
            continue
        kinds = cell_kind(old), cell_kind(name)
        if None not in kinds and kinds[0] != kinds[1]:
            raise UserError(
                f"The list of class names would call '{name}' what the set calls '{old}'; give the names "
                f"in the order {_listing(given)}, or none."
            )
        if preset and kinds[0] is None:
            raise UserError(
                f"The preset '{preset}' would call '{name}' what the set calls '{old}'; leave it out, or "
                f"write your own names with commas between them, in the order {_listing(given)}."
            )


def _preset_of(classes: str | Sequence[str]) -> str:
    """Return the requested preset, "" where the names were written out."""
    text = classes.strip().lower() if isinstance(classes, str) else ""
    return text if text in CLASS_PRESETS else ""


def cell_kind(name: str) -> str | None:
    """The class of the preset "pbc" that a name means ("Lymphocytes", "lympho", "LY"), if any."""
    word = plain(name)
    if word in _SHORT:
        return _SHORT[word]
    for kind in CLASS_PRESETS["pbc"]:
        stem = kind.removesuffix("s")
        if word in (stem, f"{stem}s") or (len(word) >= 3 and stem.startswith(word)):
            return kind
    return None


def _is_number(name: str) -> bool:
    """Whether a name says no more than a number or a letter does ("class 3", "12", "b")."""
    return (
        re.fullmatch(r"(class|type|label|category|cat|c|cls|cell|cell type)? ?[0-9]+|\w", plain(name))
        is not None
    )


def _numbers(given: Sequence[str]) -> list[int] | None:
    """The numbers of classes that are only numbered ("class 1", "class 2"), as they come from labels."""
    found = [re.fullmatch(r"class ([0-9]+)", name) for name in given]
    return [int(one.group(1)) for one in found if one] if given and all(found) else None


def _listing(names: Sequence[str]) -> str:
    shown = ", ".join(shortened(name, 40) for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def checked_names(names: Sequence[str], what: str) -> tuple[str, ...]:
    """The names without surrounding blanks, line breaks and what cannot be shown.

    Raises:
        UserError: one is empty, repeated or too long; `what` opens the sentence.
    """
    cleaned = tuple(shown(str(name)) for name in names)
    if not cleaned or not all(cleaned):
        raise UserError(f"{what} has an empty name; give every class a name.")
    if len(cleaned) > MAX_CLASSES:
        raise UserError(f"{what} has {len(cleaned):,} names; at most {MAX_CLASSES:,} classes are possible.")
    if (longest := max(cleaned, key=len)) and len(longest) > MAX_NAME_LENGTH:
        raise UserError(
            f"{what} has a name of {len(longest)} letters; at most {MAX_NAME_LENGTH} are allowed."
        )
    twice = [name for position, name in enumerate(cleaned) if name in cleaned[:position]]
    if twice:
        raise UserError(f"{what} has '{twice[0]}' twice; give every class its own name.")
    return cleaned


def _enough(names: tuple[str, ...], count: int, what: str) -> tuple[str, ...]:
    if len(names) < count:
        raise UserError(f"{what} has {len(names)} names, but the labels use {count} classes; name them all.")
    return names
