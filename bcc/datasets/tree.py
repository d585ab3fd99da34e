"""Find the classes in a tree of files: one folder per class.

The same rules serve a folder on disk and a zip. The tree may sit inside further single folders, and may
be divided into train, validation and test first. Reading pictures is the matter of `bcc.datasets.pictures`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bcc.datasets.classes import MAX_CLASSES, folder_classes
from bcc.datasets.dataset import SPLIT_WORDS
from bcc.datasets.pictures import is_picture
from bcc.errors import UserError

Parts = tuple[str, ...]
"""A path inside the tree, one string a level."""

NO_PICTURE = "no picture file (jpg, png, bmp, tif or webp)"


@dataclass(frozen=True)
class Arrangement:
    """Pictures in their classes.

    Attributes:
        class_names: one per class, in the alphabetical order of the folders.
        files: (path, position of its class, position of its side in `SPLITS` or none), sorted by class
            and path within each side.
        skipped: files that are no pictures of a class, with the reason.
    """

    class_names: tuple[str, ...]
    files: list[tuple[Parts, int, int | None]]
    skipped: list[tuple[str, str]]


def is_hidden(part: str) -> bool:
    """Files that systems leave behind: dot files, `__MACOSX` and the like."""
    return part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini")


def arrange(files: Iterable[Parts], folders: Iterable[Parts], name: str) -> Arrangement:
    """Sort files into classes.

    Args:
        files: paths of all files that are not hidden.
        folders: paths of all folders that are not hidden; empty ones matter.
        name: of the tree, for messages.

    Raises:
        UserError: there are no class folders, one of them is empty, or there are too many.
    """
    files = sorted(files)
    all_folders = set(folders) | {path[:depth] for path in files for depth in range(1, len(path))}
    root = _root(files, all_folders)
    tops = sorted(
        {path[len(root)] for path in all_folders if len(path) > len(root) and path[: len(root)] == root}
    )
    if not tops:
        raise UserError(
            f"{name} has no class folders; make one folder per class and put its pictures inside."
        )
    sides = _sides(tops, root, files, all_folders)
    level = len(root) + (1 if sides else 0)
    classes = sorted({path[level] for path in all_folders if len(path) > level and path[: len(root)] == root})
    if len(classes) > MAX_CLASSES:
        raise UserError(f"{name} has {len(classes):,} class folders; at most {MAX_CLASSES:,} are possible.")
    position = {folder: number for number, folder in enumerate(classes)}
    kept: list[tuple[Parts, int, int | None]] = []
    skipped = []
    for path in files:
        shown = "/".join(path[len(root) :])
        if len(path) <= level + 1:
            skipped.append((shown, "not inside a class folder"))
        elif not is_picture(path[-1]):
            skipped.append((shown, NO_PICTURE))
        else:
            side = sides.get(path[len(root)]) if sides else None
            kept.append((path, position[path[level]], side))
    full = {label for _, label, _ in kept}
    empty = [folder for folder in classes if position[folder] not in full]
    if empty:
        raise UserError(
            f"The class folder '{empty[0]}' in {name} holds no pictures (jpg, png, bmp, tif or webp); put "
            "some in or remove the folder."
        )
    kept.sort(key=lambda one: (one[2] or 0, one[1], one[0]))
    return Arrangement(folder_classes(classes), kept, skipped)


def _root(files: list[Parts], folders: set[Parts]) -> Parts:
    """The folder that holds the class folders: descend while there is a single one with folders inside."""
    root: Parts = ()
    while True:
        depth = len(root)
        inside = {path[depth] for path in folders if len(path) > depth and path[:depth] == root}
        pictures = any(
            len(path) == depth + 1 and path[:depth] == root and is_picture(path[-1]) for path in files
        )
        if pictures or len(inside) != 1:
            return root
        below = (*root, *inside)
        # A single folder with pictures of its own is a class, not a wrapping.
        if any(path[:-1] == below and is_picture(path[-1]) for path in files):
            return root
        if not any(len(path) == depth + 2 and path[: depth + 1] == below for path in folders):
            return root
        root = below


def _sides(tops: list[str], root: Parts, files: list[Parts], folders: set[Parts]) -> dict[str, int]:
    """Folder name -> side, if the tree is divided into train, validation and test; else nothing."""
    words = {top: SPLIT_WORDS.get(top.strip().lower(), -1) for top in tops}
    if -1 in words.values():
        return {}
    depth = len(root) + 1
    nested = {path[len(root)] for path in folders if len(path) == depth + 1 and path[: len(root)] == root}
    direct = {path[len(root)] for path in files if len(path) == depth + 1 and is_picture(path[-1])}
    return words if nested == set(tops) and not direct else {}
