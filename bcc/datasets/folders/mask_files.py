"""Files that look like masks of the images beside them: `x_mask.png` beside `x.jpg`, `x.png` beside
`x.bmp`, a folder `masks` beside others.

Names decide, and where two files share one name (`x.bmp`, `x.png`) also a look at a few of them: a mask has a
handful of colours. Masks are then handled by `bcc.datasets.folders.tree`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

import numpy as np

from bcc.datasets.folder_names import is_mask_folder, masks_of, may_be_segmented_cells, plain
from bcc.datasets.images.decode import UnreadableImageError, decode

Parts = tuple[str, ...]

LooksDrawn = Callable[[Parts], bool | None]
"""Whether a file has so few colours that it is no photograph; none where it cannot be read."""

_WORD = re.compile(
    r"[ _.\-]*(masks?|seg|segm|segmentations?|segmented|gt|ground[ _-]?truth|labels?|labelled|labeled|"
    r"annot|annotations?|annotated|outlines?|contours?|overlay|bin|binary)(?![a-z])",
    re.IGNORECASE,
)
_FIRST = re.compile(r"(masks?|seg|segmentation|gt|labels?|annotation)[ _.\-]+(?=.)", re.IGNORECASE)

# Of two formats the earlier one is the photograph where looking does not tell.
_RANK = (".bmp", ".tif", ".jpg", ".webp", ".png")
_SAME = {".jpeg": ".jpg", ".tiff": ".tif"}
_LOOKS = 5

_FEW_COLOURS = 24
"""Photographs have hundreds, masks two or three, and a few more where their borders are smooth."""


def has_few_colours(file: Path | bytes) -> bool | None:
    """Whether an image has so few colours that it was drawn; none where it cannot be read.

    Colours are counted in steps of 8 of 256 levels, so that the noise of a JPEG does not count.
    """
    try:
        steps = decode(file).astype(np.uint32) >> 3
    except UnreadableImageError:
        return None
    return len(np.unique(steps @ np.array([1, 32, 1024], np.uint32))) <= _FEW_COLOURS


def find_masks(images: Iterable[Parts], looks_drawn: LooksDrawn | None = None) -> dict[Parts, str]:
    """Find what looks like masks.

    Args:
        images: paths of all files that are named like images.
        looks_drawn: looks at a file, for those whose names do not tell.

    Returns:
        Path of a mask -> name of what it seems to belong to.
    """
    images = list(images)
    found = _in_mask_folders(images, looks_drawn)
    folders: dict[Parts, list[str]] = defaultdict(list)
    for path in images:
        if path not in found:
            folders[path[:-1]].append(path[-1])
    twins: dict[tuple[str, str], list[tuple[Parts, Parts]]] = defaultdict(list)
    for folder, names in folders.items():
        stems = defaultdict(list)
        for name in names:
            stems[_stem(name)].append(name)
        for name in names:
            base = _base(name, stems)
            if base is not None:
                found[(*folder, name)] = base
        for same in stems.values():
            left = sorted((name for name in same if (*folder, name) not in found), key=_rank)
            for other in left[1:]:
                if _format(other) != _format(left[0]):
                    pair = ((*folder, left[0]), (*folder, other))
                    twins[_format(left[0]), _format(other)].append(pair)
    for pairs in twins.values():
        first = _drawn_share([pair[0] for pair in pairs], looks_drawn)
        second = _drawn_share([pair[1] for pair in pairs], looks_drawn)
        # The usual one unless the look says that it is the other one that was drawn.
        mask = 0 if first > 0.5 >= second else 1
        for pair in pairs:
            found[pair[mask]] = pair[1 - mask][-1]
    return found


def _in_mask_folders(images: list[Parts], looks_drawn: LooksDrawn | None) -> dict[Parts, str]:
    """Images in a folder called `masks`, or `A_masks` beside `A`, that has other images beside it.

    `seg` beside `band` or other cells is the segmented neutrophil, where its images are photographs.
    """
    beside: dict[Parts, set[str]] = defaultdict(set)
    for path in images:
        for depth in range(len(path)):
            beside[path[:depth]].add("" if depth == len(path) - 1 else path[depth])
    masks: dict[Parts, str] = {}
    for around, names in beside.items():
        others = {plain(name) for name in names if name and not is_mask_folder(name)}
        for name in names:
            if may_be_segmented_cells(name, others):
                inside = [path for path in images if path[: len(around) + 1] == (*around, name)]
                is_flat = all(len(path) == len(around) + 2 for path in inside)
                if is_flat and _drawn_share(inside, looks_drawn) <= 0.5:
                    continue
            if name and ((is_mask_folder(name) and (others or "" in names)) or masks_of(name) in others):
                masks[(*around, name)] = f"the images beside the folder '{name}'"
    found = {}
    for path in images:
        for depth in range(1, len(path)):
            if path[:depth] in masks:
                found[path] = masks[path[:depth]]
                break
    return found


def _base(name: str, stems: dict[str, list[str]]) -> str | None:
    """The image that `name` is named as a mask of; none where there is no such image."""
    stem = _stem(name)
    for word in _WORD.finditer(stem):
        rest = stem[: word.start()]
        if word.start() and rest in stems:
            return stems[rest][0]
    first = _FIRST.match(stem)
    if first and stem[first.end() :] in stems:
        return stems[stem[first.end() :]][0]
    return None


def _drawn_share(paths: list[Parts], looks_drawn: LooksDrawn | None) -> float:
    if looks_drawn is None:
        return 0.0
    step = max(1, len(paths) // _LOOKS)
    answers = [answer for answer in map(looks_drawn, paths[::step][:_LOOKS]) if answer is not None]
    return sum(answers) / len(answers) if answers else 0.0


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.casefold()


def _format(name: str) -> str:
    suffix = PurePosixPath(name).suffix.casefold()
    return _SAME.get(suffix, suffix)


def _rank(name: str) -> tuple[int, str]:
    return _RANK.index(_format(name)), name
