"""Every augmentation by its name. A class joins by standing in the `__all__` of its topic's package."""

from __future__ import annotations

import functools
import importlib
from typing import get_args

from bcc.augment.augmentation import Augmentation, Topic
from bcc.errors import UserError

TOPICS: tuple[Topic, ...] = get_args(Topic)


@functools.cache
def catalogue() -> dict[str, type[Augmentation]]:
    """Name -> class, topic by topic."""
    found: dict[str, type[Augmentation]] = {}
    for topic in TOPICS:
        package = importlib.import_module(f"bcc.augment.{topic}")
        for attribute in package.__all__:
            kind = getattr(package, attribute)
            found[kind.name] = kind
    return found


def find(name: str) -> type[Augmentation]:
    """The class of an augmentation.

    Raises:
        UserError: there is none of this name.
    """
    if name not in catalogue():
        raise UserError(f"There is no augmentation '{name}': choose one of {', '.join(catalogue())}.")
    return catalogue()[name]
