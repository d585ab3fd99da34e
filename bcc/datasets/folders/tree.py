"""Assign the files of a tree to classes: one folder per class.

The same rules apply to a folder on disk and a zip. The tree may be nested in further single folders, and may
be divided into train, validation and test first. `bcc.datasets.folders.class_level` finds the level of the
classes, `bcc.datasets.folders.mask_files` finds masks, `bcc.datasets.images.decode` reads the images.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bcc.datasets import folder_names as names
from bcc.datasets.classes import MAX_CLASSES, MAX_NAME_LENGTH, folder_classes
from bcc.datasets.dataset import SPLITS
from bcc.datasets.folders.class_level import ClassFolder, Folder, Reading, find_levels, read_levels
from bcc.datasets.folders.layout import Layout
from bcc.datasets.folders.mask_files import LooksDrawn, find_masks
from bcc.datasets.images.decode import is_image
from bcc.errors import UserError, shortened

Parts = tuple[str, ...]
"""A path inside the tree, one string a level."""

NO_IMAGE = "no image file (jpg, png, bmp, tif or webp)"

_SYSTEM = "a folder of the operating system or of a tool"

_OTHER_IMAGES = {
    *(".gif", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".dcm", ".nii", ".svs", ".ndpi", ".czi", ".lif"),
    *(".raw", ".dng", ".cr2", ".nef", ".pgm", ".ppm", ".npy", ".psd", ".jxl"),
}
"""Images that people keep, and that are not opened here."""


@dataclass(frozen=True)
class Arrangement:
    """Images in their classes.

    Attributes:
        class_names: one per class, in the order of the folders; numbers in their names count as numbers.
        files: (path, position of its class, position of its side in `SPLITS` or none), sorted by class
            and path within each side.
        skipped: files and folders that are no images of a class, with the reason.
        notes: what was taken for granted or left out, a sentence each.
        about: path -> name of a column -> value, of images of which more is known.
    """

    class_names: tuple[str, ...]
    files: list[tuple[Parts, int, int | None]]
    skipped: list[tuple[str, str]]
    notes: list[str] = field(default_factory=list)
    about: dict[Parts, dict[str, str]] = field(default_factory=dict)


def is_hidden(part: str) -> bool:
    """Files that systems leave behind: dot files, `__MACOSX` and the like."""
    return part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini")


def arrange(
    files: Iterable[Parts],
    folders: Iterable[Parts],
    name: str,
    layout: Layout = Layout(),
    looks_drawn: LooksDrawn | None = None,
) -> Arrangement:
    """Sort files into classes.

    Args:
        files: paths of all files that are not hidden.
        folders: paths of all folders that are not hidden; empty ones matter.
        name: of the tree, for messages.
        layout: what a person says the folders are.
        looks_drawn: looks at a file whose name does not tell whether it is a mask.

    Raises:
        UnclearLayoutError: it is not clear which folders are the classes.
        UserError: there are no class folders, one of them is empty, or there are too many.
    """
    name = shortened(names.shown(name))
    files, system = _without_system(sorted(files))
    every = set(folders) | {path[:depth] for path in files for depth in range(1, len(path))}
    images = [path for path in files if is_image(path[-1])]
    masks = {} if layout.masks else find_masks(images, looks_drawn)
    tree = Folder.of(path for path in images if path not in masks)
    reading = read_levels(tree, layout.levels, name) if layout.levels else find_levels(tree, name)
    empty = _without_images(every, images, system)
    _check_empty(empty, files, reading, name)
    found = _sorted_in(files, images, masks, [*system, *empty], reading, name)
    if "group" in layout.levels:
        level = len(reading.root) + layout.levels.index("group")
        found.about.update({path: {"group": names.shown(path[level])} for path, _, _ in found.files})
    return found


def _sorted_in(
    files: list[Parts],
    images: list[Parts],
    masks: dict[Parts, str],
    no_class: list[Parts],
    reading: Reading,
    name: str,
) -> Arrangement:
    """Give every file its class or the reason why it has none."""
    root = reading.root
    label_of, class_names, notes = _labels(reading.classes, images, name)
    by_path = {one.path: one for one in reading.classes}
    lengths = sorted({len(path) for path in [*by_path, *reading.left_out]}, reverse=True)
    outside = set(no_class)
    kept: list[tuple[Parts, int, int | None]] = []
    skipped = [
        (_shown(path, root) + "/", _SYSTEM if names.is_system(path[-1]) else "holds no images")
        for path in no_class
    ]
    left_out: Counter[Parts] = Counter()
    for path in files:
        if any(path[:length] in outside for length in range(1, len(path))):
            continue
        # The folder that decides, a class or one that is left out.
        at = next(
            (
                path[:n]
                for n in lengths
                if n < len(path) and (path[:n] in by_path or path[:n] in reading.left_out)
            ),
            None,
        )
        if at in reading.left_out:
            left_out[at] += is_image(path[-1])
        elif not is_image(path[-1]):
            skipped.append((_shown(path, root), NO_IMAGE if at else "not inside a class folder"))
        elif path in masks:
            skipped.append((_shown(path, root), f"looks like a mask of {names.shown(masks[path])}"))
        elif at is None:
            skipped.append((_shown(path, root), "not inside a class folder"))
        else:
            kept.append((path, label_of[at], by_path[at].side))
    for path, why in reading.left_out.items():
        skipped.append((_shown(path, root) + "/", f"left out with its {left_out[path]:,} images: {why}"))
        notes.append(
            f"The folder '{_shown(path, root)}' is left out with its {left_out[path]:,} images: {why}."
        )
    if masks:
        first = min(masks)
        example = f"'{shortened(_shown(first, root))}' of {shortened(names.shown(masks[first]))}"
        many = f"{len(masks):,} files look like masks ({example}) and are left out"
        one = f"1 file looks like a mask ({example}) and is left out"
        notes.append(f"{many if len(masks) > 1 else one}; to take them as images: --layout auto+masks.")
    if no_class:
        listed = ", ".join(shortened(_shown(path, root)) for path in no_class[:5])
        more = f" and {len(no_class) - 5} more" if len(no_class) > 5 else ""
        notes.append(f"Folders without images of the set are left out: {listed}{more}.")
    notes += _one_sided(kept, class_names)
    kept.sort(key=lambda one: (one[2] or 0, one[1], one[0]))
    return Arrangement(class_names, kept, sorted(skipped), [*reading.notes, *notes])


def _labels(
    classes: list[ClassFolder], images: list[Parts], name: str
) -> tuple[dict[Parts, int], tuple[str, ...], list[str]]:
    """The position of each folder's class, the names of the classes, and which spellings were taken as one.

    Raises:
        UserError: there are too many classes, or a name is endless.
    """
    spellings: dict[str, Counter[str]] = {}
    inside = Counter(path[:length] for path in images for length in range(1, len(path)))
    for one in classes:
        spellings.setdefault(names.plain(one.name), Counter())[one.name] += inside[one.path]
    if len(spellings) > MAX_CLASSES:
        raise UserError(f"{name} has {len(spellings):,} class folders; at most {MAX_CLASSES:,} are possible.")
    # The commonest spelling is the name; blanks around it are none of it.
    chosen = {
        plain: min(counts, key=lambda spelling: (-counts[spelling], spelling))
        for plain, counts in spellings.items()
    }
    order = sorted(chosen, key=lambda plain: names.natural(chosen[plain]))
    shown = [names.shown(chosen[plain]) for plain in order]
    longest = max(shown, key=len)
    # As long as a file system allows; only a zip can hold more.
    if len(longest) > 255:
        raise UserError(
            f"{name} has a class folder with a name of {len(longest):,} letters ({shortened(longest)}); "
            f"rename it, with at most {MAX_NAME_LENGTH} letters."
        )
    if "" in shown:
        raise UserError(f"{name} has a class folder with an empty name; rename it.")
    final = folder_classes(shown)
    position = {plain: number for number, plain in enumerate(order)}
    notes = [
        "The folders "
        + " and ".join(f"'{names.shown(one) if one == one.strip() else one}'" for one in sorted(counts))
        + f" are taken as one class, '{shortened(final[position[plain]])}'."
        for plain, counts in spellings.items()
        if len(counts) > 1
    ]
    notes += _copies(order, final)
    return {one.path: position[names.plain(one.name)] for one in classes}, final, notes


def _copies(plain: list[str], class_names: tuple[str, ...]) -> list[str]:
    """A sentence on each class that other classes, by their names, look like copies of.

    Args:
        plain: the names as `folder_names.plain` gives them.
        class_names: the same classes as they are shown.
    """
    shown = dict(zip(plain, class_names, strict=True))
    copies: dict[str, list[str]] = {}
    for one in plain:
        original = [name for name in names.copied_from(one) if name in shown]
        if original:
            # The last is what a copy of a copy goes back to.
            copies.setdefault(original[-1], []).append(one)
    return [
        f"{'The folders' if len(found) > 1 else 'The folder'} "
        + " and ".join(f"'{shortened(shown[one])}'" for one in found)
        + (" look like copies" if len(found) > 1 else " looks like a copy")
        + f" of '{shortened(shown[original])}', but {'are' if len(found) > 1 else 'is'} read as "
        + ("classes of their own" if len(found) > 1 else "a class of its own")
        + f": to merge, move the images into '{shortened(shown[original])}'; to leave "
        + f"{'them' if len(found) > 1 else 'it'} out, move the folder{'s' if len(found) > 1 else ''} away."
        for original, found in copies.items()
    ]


def _without_system(files: list[Parts]) -> tuple[list[Parts], list[Parts]]:
    """The files that lie in no folder of an operating system, and those folders."""
    kept, system = [], {}
    for path in files:
        depth = next((i for i, part in enumerate(path[:-1]) if names.is_system(part)), None)
        if depth is None:
            kept.append(path)
        else:
            system[path[: depth + 1]] = True
    return kept, list(system)


def _without_images(folders: set[Parts], images: list[Parts], system: list[Parts]) -> list[Parts]:
    """The outermost folders that hold no image at all."""
    full = {path[:depth] for path in images for depth in range(1, len(path))}
    empty = folders - full - set(system)
    return [
        path
        for path in sorted(empty)
        if not any(path[:n] in empty or names.is_system(path[n - 1]) for n in range(1, len(path)))
    ]


def _check_empty(empty: list[Parts], files: list[Parts], reading: Reading, name: str) -> None:
    """Refuse a tree in which the images of a class seem to be missing.

    A folder without images is usually no class at all (`Annotations`, an empty `val`); one that is called
    like a cell, beside the classes, most likely should have some.
    """
    classes = {names.plain(one.name) for one in reading.classes}
    for path in empty:
        beside = any(one.path[:-1] == path[:-1] for one in reading.classes)
        if not beside or not names.is_cell(path[-1]) or names.plain(path[-1]) in classes:
            continue
        others = Counter(
            suffix
            for file in files
            if file[: len(path)] == path
            and (suffix := PurePosixPath(file[-1]).suffix.lower()) in _OTHER_IMAGES
        )
        has = f", only {others.most_common(1)[0][1]:,} {others.most_common(1)[0][0]} files" if others else ""
        raise UserError(
            f"The class folder '{names.shown(path[-1])}' in {name} holds no images (jpg, png, bmp, tif or "
            f"webp){has}; put some in or remove the folder."
        )


def _one_sided(kept: list[tuple[Parts, int, int | None]], class_names: tuple[str, ...]) -> list[str]:
    """A sentence about classes that the training part lacks, though it exists."""
    sides = {side for _, _, side in kept}
    if 0 not in sides or sides == {0}:
        return []
    trained = {label for _, label, side in kept if side == 0}
    lacking = sorted({label for _, label, _ in kept} - trained)
    if not lacking:
        return []
    listed = ", ".join(f"'{shortened(class_names[label])}'" for label in lacking[:5])
    where = " or ".join(SPLITS[side] for side in sorted(side for side in sides if side))
    return [f"The {SPLITS[0]} part has no images of {listed}, which {where} has; are they spelt alike?"]


def _shown(path: Parts, root: Parts) -> str:
    """A path below the root as text; what lies beside the root keeps its whole path."""
    below = path[len(root) :] if path[: len(root)] == root else path
    return "/".join(names.shown(part) for part in below)
