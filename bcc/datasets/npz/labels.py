"""Labels as people save them: numbers from 0, from 1 or with gaps, text, one-hot rows.

Every form is converted to class numbers from 0 and class names, with notes on what was done. The arrays are
read by `bcc.datasets.npz.npz_source`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bcc.datasets import folder_names
from bcc.datasets.classes import MAX_CLASSES, checked_names, default_classes, folder_classes
from bcc.errors import UserError, shortened

RENUMBER = "labels = numpy.unique(labels, return_inverse=True)[1]"
"""A command that numbers any labels from 0, for messages."""

_SPARSE = 10
"""Labels that use fewer than one in ten numbers up to the highest are codes, not class numbers."""


@dataclass
class Labels:
    """Class numbers of all rows, and what is known of the classes.

    Attributes:
        values: int64 (N,), positions in `names`.
        names: of the classes; none where the file says nothing, and they are numbered from 0.
        notes: what was done, a sentence each.
    """

    values: np.ndarray
    names: tuple[str, ...] | None = None
    notes: list[str] = field(default_factory=list)


def one_hot(values: np.ndarray) -> np.ndarray | None:
    """Class numbers of rows with one 1 each and else 0: int64 (N,); none where rows are anything else."""
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "biuf":
        return None
    ones = values == 1
    if not ((values == 0) | ones).all() or not (ones.sum(axis=1) == 1).all():
        return None
    numbers: np.ndarray = ones.argmax(axis=1).astype(np.int64)
    return numbers


def text_labels(texts: list[str], given: tuple[str, ...] | None, what: str) -> Labels:
    """Labels that are words.

    Args:
        texts: one for each row.
        given: names of the classes, where the file lists them.
        what: how messages call the array.

    Raises:
        UserError: a label is empty or not among the names.
    """
    shown = [folder_names.shown(text) for text in texts]
    if "" in shown:
        raise UserError(f"{what} has no text at row {shown.index('')}; give every image a class name.")
    if given is not None:
        return _text_among(shown, given, what)
    spellings: dict[str, dict[str, int]] = {}
    for text in shown:
        counts = spellings.setdefault(folder_names.plain(text), {})
        counts[text] = counts.get(text, 0) + 1
    chosen = {plain: min(counts, key=lambda one: (-counts[one], one)) for plain, counts in spellings.items()}
    order = sorted(chosen, key=lambda plain: folder_names.natural(chosen[plain]))
    names = folder_classes(checked_names([chosen[plain] for plain in order], what))
    notes = [f"{what} holds text, which names the classes."]
    for plain, counts in spellings.items():
        if len(counts) > 1:
            listed = " and ".join(f"'{shortened(one)}'" for one in sorted(counts))
            notes.append(f"{listed} are taken as one class, '{shortened(chosen[plain])}'.")
    position = {plain: number for number, plain in enumerate(order)}
    return Labels(np.array([position[folder_names.plain(text)] for text in shown], np.int64), names, notes)


def _text_among(texts: list[str], given: tuple[str, ...], what: str) -> Labels:
    position = {folder_names.plain(name): number for number, name in enumerate(given)}
    unknown = [text for text in texts if folder_names.plain(text) not in position]
    if not unknown:
        return Labels(np.array([position[folder_names.plain(text)] for text in texts], np.int64), given)
    if all(text.isascii() and text.isdigit() and len(text) <= 6 for text in texts):
        return number_labels(np.array([int(text) for text in texts], np.int64), given, what)
    raise UserError(
        f"{what} has '{shortened(unknown[0])}', which is not among its 'class_names'; name all classes "
        "there, or leave 'class_names' away."
    )


def number_labels(
    values: np.ndarray, given: tuple[str, ...] | None, what: str, are_places: bool = False
) -> Labels:
    """Labels that are whole numbers.

    Args:
        values: of any integer type (N,), N > 0.
        given: names of the classes, where the file lists them.
        what: how messages call the array.
        are_places: they are places in one-hot rows, which count from 0 beyond doubt.

    Raises:
        UserError: a number is negative, too high, or has no name.
    """
    low, high = int(values.min()), int(values.max())
    if low < 0 or high >= MAX_CLASSES:
        raise UserError(
            f"{what} goes from {low} to {high}, expected class numbers from 0 to at most {MAX_CLASSES - 1}; "
            f"number the classes from 0: {RENUMBER}."
        )
    values = values.astype(np.int64)
    if given is not None:
        if high < len(given):
            return Labels(values, given, [] if low == 0 or are_places else [_from_zero(low, given, what)])
        if low == 1 and high == len(given):
            note = f"{what} counts the classes from 1; 1 is taken as '{shortened(given[0])}', the first name."
            return Labels(values - 1, given, [note])
        raise UserError(
            f"{what} has the class number {high}, but 'class_names' has only {len(given)} names; number the "
            f"classes from 0 ({RENUMBER}) and name them all."
        )
    used = np.unique(values)
    if low > 0 or len(used) * _SPARSE < high + 1:
        names = tuple(f"class {number}" for number in used)
        listed = ", ".join(map(str, used[:8])) + (", ..." if len(used) > 8 else "")
        note = f"{what} has the numbers {listed}: the classes {names[0]} to {names[-1]}, without a class 0."
        if low == 0:
            note = f"{what} has only the numbers {listed}, which are taken as {len(used)} classes."
        return Labels(np.searchsorted(used, values).astype(np.int64), names, [note])
    unused = np.setdiff1d(np.arange(high + 1), used)
    listed = ", ".join(map(str, unused[:8])) + (", ..." if len(unused) > 8 else "")
    notes = (
        [f"{what} has no image with the class numbers {listed}; these classes are empty."]
        if len(unused)
        else []
    )
    return Labels(values, None, notes)


def _from_zero(low: int, given: tuple[str, ...], what: str) -> str:
    """That numbers which begin above 0 were counted from 0, though they could be counted from 1."""
    return (
        f"{what} has no 0 and could count the classes from 0 or from 1; counted from 0, {low} is taken as "
        f"'{shortened(given[low])}' and '{shortened(given[0])}' has no images. If {low} means "
        f"'{shortened(given[low - 1])}', save the file anew with labels = labels - 1."
    )


def names_for(labels: Labels, preset: tuple[str, ...] | None) -> tuple[str, ...]:
    """The names of the classes: the file's own, a preset that has enough, or "class 0", "class 1" ..."""
    if labels.names is not None:
        return labels.names
    count = int(labels.values.max()) + 1
    return preset if preset is not None and count <= len(preset) else default_classes(count)
