"""Every augmentation by its name. A class is listed if it is in the `__all__` of its topic's package.

Those that call keras-cv are in a separate package, whatever their topic, and their names begin with its.
"""

from __future__ import annotations

import functools
import importlib
from typing import get_args

from bcc.augment.augmentation import Augmentation, Topic
from bcc.errors import UserError

TOPICS: tuple[Topic, ...] = get_args(Topic)
_PACKAGES = (*TOPICS, "keras_cv")


@functools.cache
def catalogue() -> dict[str, type[Augmentation]]:
    """Name -> class, topic by topic; in each, those that call keras-cv come last."""
    kinds: list[type[Augmentation]] = []
    for name in _PACKAGES:
        package = importlib.import_module(f"bcc.augment.{name}")
        kinds += [getattr(package, attribute) for attribute in package.__all__]
    kinds.sort(key=lambda kind: TOPICS.index(kind.topic))
    return {kind.name: kind for kind in kinds}


def find(name: str) -> type[Augmentation]:
    """The class of an augmentation.

    Raises:
        UserError: there is none of this name.
    """
    if name not in catalogue():
        raise UserError(f"There is no augmentation '{name}': choose one of {', '.join(catalogue())}.")
    return catalogue()[name]
