"""Which arrays of an .npz are the images and which their labels, by what people call them.

`images` and `labels`, `X` and `y`, `x_train` and `y_train`, `train_images` and `train_labels` ... What the
arrays hold is judged in `bcc.datasets.npz.npz_source` and `bcc.datasets.npz.labels`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from bcc.datasets.folder_names import loose_side_of
from bcc.errors import UserError, shortened

_IMAGES = {
    *(
        "image",
        "images",
        "img",
        "imgs",
        "picture",
        "pictures",
        "photo",
        "photos",
        "x",
        "data",
        "input",
        "inputs",
    ),
    *("pixels", "patches", "tiles", "crops", "cells"),
}
_LABELS = {
    *("label", "labels", "lbl", "lbls", "y", "target", "targets", "class", "category", "categories", "truth"),
    *("id", "ids"),
}
_FILLERS = {"set", "data", "array", "arr", "all", "orig", "original", "raw", "the", "of", "cell", "cells"}
_JOINED = re.compile(
    r"(x|y)(train|training|test|testing|val|valid|validation|dev)|(train|test|val|valid)(x|y)"
)

SIDE_NAMES = ("train", "val", "test")
"""How MedMNIST calls the sides."""


@dataclass(frozen=True)
class Pair:
    """Two arrays that belong together.

    Attributes:
        images, labels: their keys.
        side: position in `SPLITS`, none where the file is not divided by its keys.
    """

    images: str
    labels: str
    side: int | None = None


def find_pairs(
    members: set[str], dimensions: Callable[[str], int], name: str
) -> tuple[list[Pair], list[str]]:
    """Find the images and their labels.

    Args:
        members: keys of the file.
        dimensions: of the array with a key.
        name: of the file, for messages.

    Returns:
        The pairs, and what was taken for granted, a sentence each.

    Raises:
        UserError: there are none, or several arrays could be meant.
    """
    if {"images", "labels"} <= members:
        return [Pair("images", "labels")], []
    if members == {"arr_0", "arr_1"}:
        pair = Pair("arr_0", "arr_1") if dimensions("arr_0") > dimensions("arr_1") else Pair("arr_1", "arr_0")
        return [pair], [_sentence([pair])]
    found: dict[int | None, dict[str, list[str]]] = defaultdict(lambda: {"pictures": [], "labels": []})
    for key in sorted(members):
        role, side = _role(key)
        if role:
            found[side][role].append(key)
    sides = sorted(side for side, keys in found.items() if side is not None and keys["pictures"])
    pairs, notes = [], []
    for side in [None] if "images" in members or not sides else sides:
        images = _only(found[side]["pictures"], "images", lambda key: dimensions(key) in (3, 4), name)
        labels = _only(found[side]["labels"], "labels", lambda key: dimensions(key) < 3, name)
        if images is not None and labels is not None:
            pairs.append(Pair(images, labels, side))
        elif side == 2 and pairs and images is not None:
            notes.append(f"'{images}' in {name} has no labels and is left out.")
        elif side is not None:
            other = images or SIDE_NAMES[side]
            wanted = f"{SIDE_NAMES[side]}_labels" if other.endswith("_images") else f"labels for '{other}'"
            raise _missing(wanted, members, name)
    if not pairs:
        raise _missing("labels" if "images" in members else "images", members, name)
    usual = [
        (f"{SIDE_NAMES[pair.side]}_images", f"{SIDE_NAMES[pair.side]}_labels")
        for pair in pairs
        if pair.side is not None
    ]
    if [(pair.images, pair.labels) for pair in pairs] != usual:
        notes.insert(0, _sentence(pairs))
    return pairs, notes


def _role(key: str) -> tuple[str, int | None]:
    """What an array is by its key ("pictures", "labels" or ""), and which side it is for."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)
    words: list[str] = []
    for word in re.findall(r"[^\W_]+", apart.casefold()):
        joined = _JOINED.fullmatch(word)
        words += [part for part in joined.groups() if part] if joined else [word]
    sides = [side for word in words if (side := loose_side_of(word)) is not None]
    rest = [word for word in words if loose_side_of(word) is None]
    if len(sides) > 1 or not rest or any(word not in _IMAGES | _LABELS | _FILLERS for word in rest):
        return "", None
    side = sides[0] if sides else None
    if set(rest) <= {"id", "ids"}:
        return "", None
    if any(word in _LABELS for word in rest):
        return "labels", side
    return ("pictures" if any(word in _IMAGES for word in rest) else ""), side


def _only(keys: list[str], usual: str, fits: Callable[[str], bool], name: str) -> str | None:
    """The one key that is meant; none where there is none.

    Raises:
        UserError: there are several.
    """
    if usual in keys:
        return usual
    if len(keys) > 1:
        keys = [key for key in keys if fits(key)] or keys
    if len(keys) > 1:
        raise UserError(
            f"{name} has several arrays that could be its {usual} ({', '.join(keys[:4])}); save it with "
            "the one that is meant: numpy.savez(file, images=..., labels=...)."
        )
    return keys[0] if keys else None


def _sentence(pairs: list[Pair]) -> str:
    taken = "; ".join(f"'{pair.images}' as the images and '{pair.labels}' as their labels" for pair in pairs)
    return f"Read {taken}."


def _missing(key: str, members: set[str], name: str) -> UserError:
    wanted = f"'{key}'" if " " not in key else key
    return UserError(
        f"{name} has no {wanted} (it holds {_listed(members)}); save it with "
        "numpy.savez(file, images=..., labels=...), or in MedMNIST's layout."
    )


def _listed(members: set[str]) -> str:
    shown = [shortened(key, 40) for key in sorted(members)[:8]]
    more = f" and {len(members) - 8} more" if len(members) > 8 else ""
    return (", ".join(shown) + more) if shown else "no arrays"
