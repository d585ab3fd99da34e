"""Match the classes of a dataset with those of a run, by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from bcc.errors import UserError

_PLACEHOLDER = re.compile(r"class \d+$")


@dataclass(frozen=True)
class Matching:
    """How labels of a set read in a run's classes.

    Attributes:
        to_run: int64 (set's classes,), position in the run's classes, -1 for a class that it never saw.
        unknown: names of those classes.
        by_position: one side had no names of its own, so that the order decided.
    """

    to_run: np.ndarray
    unknown: tuple[str, ...]
    by_position: bool

    def labels(self, labels: np.ndarray) -> np.ndarray:
        """Labels of the set as the run would count them, -1 where it cannot."""
        result: np.ndarray = self.to_run[labels]
        return result


def match_classes(of_set: Sequence[str], of_run: Sequence[str]) -> Matching:
    """Match by name, whatever the case; by position where one side is only "class 0", "class 1", ...

    Raises:
        UserError: not one class is shared.
    """
    nameless = _nameless(of_set) or _nameless(of_run)
    if nameless and len(of_set) == len(of_run):
        same = tuple(of_set) == tuple(of_run)
        return Matching(np.arange(len(of_set)), (), by_position=not same)
    places = {_plain(name): i for i, name in enumerate(of_run)}
    to_run = np.array([places.get(_plain(name), -1) for name in of_set], np.int64)
    if (to_run < 0).all():
        raise UserError(
            f"The dataset's classes ({_listing(of_set)}) and the run's ({_listing(of_run)}) have no name in "
            "common: name the set's classes on the Data page, or with --classes."
        )
    unknown = tuple(name for name, place in zip(of_set, to_run, strict=True) if place < 0)
    return Matching(to_run, unknown, by_position=False)


def names_for_set(of_set: Sequence[str], of_run: Sequence[str]) -> tuple[str, ...]:
    """The run's classes as the dataset calls them; those that it does not have keep the run's name."""
    names = list(of_run)
    with suppress(UserError):
        for own, position in zip(of_set, match_classes(of_set, of_run).to_run, strict=True):
            if position >= 0:
                names[position] = own
    return tuple(names)


def _nameless(names: Sequence[str]) -> bool:
    return all(_PLACEHOLDER.match(name) for name in names)


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
