"""What the classes of a data set are called.

Names come from the file, else from the folders, else they are "class 0", "class 1" and so on; a person
may choose a preset or type a list. Which class a row belongs to is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from bcc.errors import UserError

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

MAX_CLASSES = 9_999
MAX_NAME_LENGTH = 120

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
    """Names for `count` classes.

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
    """Names for a set whose source calls its classes `given`.

    Raises:
        UserError: as `resolve_classes`, or the source names its classes and their number differs: names
            would then slip to other classes.
    """
    names = resolve_classes(classes, len(given))
    if len(names) != len(given) and tuple(given) != default_classes(len(given)):
        raise UserError(
            f"The list of class names has {len(names)} names, but the set has the {len(given)} classes "
            f"{', '.join(given)}; give one name for each, in this order."
        )
    return names


def checked_names(names: Sequence[str], what: str) -> tuple[str, ...]:
    """The names without surrounding blanks.

    Raises:
        UserError: one is empty, repeated or too long; `what` opens the sentence.
    """
    cleaned = tuple(str(name).strip() for name in names)
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
