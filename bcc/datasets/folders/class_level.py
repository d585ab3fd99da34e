"""Which level of a tree of images holds the class folders.

A tree is read on its own only where it leaves no doubt: folders that hold images themselves are classes,
and so are the folders inside `train` and `test`. Everywhere else an `UnclearLayoutError` is raised, since a
wrong level gives a set that opens and trains and means nothing. Whatever is taken for granted is said in
`notes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bcc.datasets import folder_names as names
from bcc.datasets.classes import UNLABELLED
from bcc.datasets.dataset import SPLITS
from bcc.datasets.folders.layout import UnclearLayoutError
from bcc.errors import UserError, shortened

Parts = tuple[str, ...]


@dataclass
class Folder:
    """A folder that has images in it or further down.

    Attributes:
        own: images directly inside.
        inside: the folders in it that have images.
    """

    own: int = 0
    inside: dict[str, Folder] = field(default_factory=dict)

    @classmethod
    def of(cls, images: Iterable[Parts]) -> Folder:
        """The tree of some paths."""
        root = cls()
        for path in images:
            at = root
            for part in path[:-1]:
                at = at.inside.setdefault(part, cls())
            at.own += 1
        return root

    def at(self, path: Parts) -> Folder:
        """The folder at a path."""
        folder = self
        for part in path:
            folder = folder.inside[part]
        return folder

    @property
    def images(self) -> int:
        """All images, those further down too."""
        return self.own + sum(folder.images for folder in self.inside.values())

    @property
    def depth(self) -> int:
        """How many levels of folders there are below."""
        return max((1 + folder.depth for folder in self.inside.values()), default=0)


@dataclass(frozen=True)
class ClassFolder:
    """A folder whose images are of one class.

    Attributes:
        path: of the folder.
        name: of the class, as the folder calls it.
        side: position in `SPLITS`, none where the tree is not divided.
        part: the folder that says so.
    """

    path: Parts
    name: str
    side: int | None = None
    part: str = ""


@dataclass
class Reading:
    """How a tree was read.

    Attributes:
        root: the folder that all class folders lie in.
        classes: its class folders.
        left_out: folders that belong to no class, with the reason.
        notes: what was taken for granted, a sentence each.
    """

    root: Parts = ()
    classes: list[ClassFolder] = field(default_factory=list)
    left_out: dict[Parts, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_levels(tree: Folder, levels: tuple[str, ...], name: str) -> Reading:
    """Read a tree with the layout that a person has chosen.

    Args:
        tree: the images.
        levels: of a `Layout`.
        name: of the tree, for messages.

    Raises:
        UserError: the tree has fewer levels, or a folder is no part of a split.
    """
    if levels == (UNLABELLED,):
        return Reading(classes=[ClassFolder((), UNLABELLED)])
    reading = Reading(_root(tree, len(levels)))
    found = [
        path for path in _paths(tree.at(reading.root), len(levels)) if tree.at((*reading.root, *path)).images
    ]
    if not found:
        raise UserError(
            f"{name} has not the folders that --layout {'/'.join(levels)} speaks of: its images lie "
            f"{_levels(tree.at(reading.root).depth)} deep, not {len(levels)}."
        )
    for path in found:
        side, part = None, ""
        if "split" in levels:
            part = path[levels.index("split")]
            side = names.loose_side_of(part)
            if side is None:
                raise UserError(
                    f"{name} cannot be read with --layout {'/'.join(levels)}: its folder '{shortened(part)}' "
                    "is called neither train, validation nor test; rename it, or take group for split."
                )
        reading.classes.append(ClassFolder((*reading.root, *path), path[levels.index("class")], side, part))
    if "split" in levels:
        reading.notes.append(_split_sentence(tree, reading))
    return reading


def find_levels(tree: Folder, name: str) -> Reading:
    """Find the class folders of a tree.

    Args:
        tree: the images.
        name: of the tree, for messages.

    Raises:
        UnclearLayoutError: it can be read in several ways.
        UserError: there are no class folders.
    """
    reading = Reading()
    if not tree.inside and tree.own:
        reading.classes = [ClassFolder((), UNLABELLED)]
        reading.notes.append(
            f"{name} has no class folders: its {tree.own:,} images are taken as images without labels. "
            "Label them on the Label page or with 'relabel', or make one folder per class."
        )
        return reading
    if not tree.inside:
        raise UserError(f"{name} holds no images; make one folder per class and put its images inside.")
    reading.classes = _Finder(name, reading).of(tree, (), may_be_divided=True)
    if any(one.side is not None for one in reading.classes):
        reading.notes.insert(
            0,
            _split_sentence(tree, reading)
            + " If these folders are something else, say so: --layout group/class or --layout class.",
        )
    return reading


def _root(tree: Folder, levels: int) -> Parts:
    """The folder that holds the outermost of some levels: descend while there is a single one around."""
    root: Parts = ()
    folder = tree
    while len(folder.inside) == 1:
        ((part, below),) = folder.inside.items()
        # A single folder with images of its own is a class, not a wrapping.
        if below.own or below.depth < levels:
            break
        root, folder = (*root, part), below
    return root


def _paths(folder: Folder, levels: int) -> Iterator[Parts]:
    """Return the paths of all folders at this depth."""
    if levels == 0:
        yield ()
        return
    for part, below in folder.inside.items():
        for rest in _paths(below, levels - 1):
            yield (part, *rest)


def _parts_of_split(top: Folder, name: str) -> dict[str, int]:
    """Folder -> side where the tree is divided into train, validation and test; else nothing.

    Raises:
        UnclearLayoutError: a split's folder is next to folders that look like classes.
    """
    sure = {
        part: side
        for part, folder in top.inside.items()
        if folder.inside and (side := names.side_of(part)) is not None
    }
    if not sure:
        return {}
    known = {names.plain(inner) for part in sure for inner in _class_names(top.inside[part])}
    parts = dict(sure)
    for part, folder in top.inside.items():
        side = names.loose_side_of(part)
        if part not in parts and side is not None and known & {names.plain(n) for n in _class_names(folder)}:
            parts[part] = side
    _check_training_part(top, parts, name)
    others = [part for part in top.inside if part not in parts]
    twins = [part for part in others if names.plain(part) in known]
    if twins:
        raise UnclearLayoutError(
            f"{name} has the folder '{shortened(twins[0])}' beside '{next(iter(sure))}', in which there is a "
            "folder of that name too",
            {"class": f"all of {_listed(top.inside)} are classes"},
            "or move the images of each part of the split into a folder train, validation or test",
        )
    if 0 not in parts.values() and any(not names.is_set_aside(part) for part in others):
        raise UnclearLayoutError(
            f"{name} has the folder '{next(iter(sure))}', but no 'train' beside it: {_listed(top.inside)}",
            {
                "class": f"all of {_listed(top.inside)} are classes",
                "group/class": "the classes are the folders inside them",
            },
        )
    sides = list(parts.values())
    if sides.count(0) > 1 and len(sides) - sides.count(0) > 1 and _same_tails(parts):
        raise UnclearLayoutError(
            f"{name} has several parts to train and to test with ({_listed(parts)}), which look like folds "
            "of one set",
            {
                "split/class": "all training folders together, all test folders together",
                "group/class": "everything together, divided anew",
            },
            "or open one fold by itself",
        )
    return parts


def _check_training_part(top: Folder, parts: dict[str, int], name: str) -> None:
    """Ask where the training images have no class folders while other parts do.

    Args:
        top: the folder that holds the parts.
        parts: those with folders inside, and their sides.
        name: of the tree, for messages.

    Raises:
        UnclearLayoutError, UserError: they do.
    """
    classes = {part: set(map(names.plain, _class_names(top.inside[part]))) for part in parts}
    heaps = [part for part, below in top.inside.items() if names.side_of(part) == 0 and not below.inside]
    heaps += [
        part
        for part, side in parts.items()
        if side == 0
        and _is_flat(top.inside[part], set().union(*(classes[one] for one in parts if parts[one] != 0)))
    ]
    divided = [part for part in parts if part not in heaps]
    if not heaps or not divided or any(parts[part] == 0 for part in divided):
        return
    unsorted, rest = top.inside[heaps[0]], [f"'{shortened(part)}'" for part in divided]
    listed = _listed(one for part in divided for one in _class_names(top.inside[part]))
    image = f"its {unsorted.images:,} images belong" if unsorted.images > 1 else "its image belongs"
    doubt = (
        f"{name} has no class folders in '{shortened(heaps[0])}', so that {image} to no class, while "
        f"{' and '.join(rest)} {'have' if len(rest) > 1 else 'has'} the classes {listed}"
    )
    if not unsorted.own:
        # A folder inside ("train/images") would be read as a class.
        raise UserError(
            f"{doubt}; sort the images in '{shortened(heaps[0])}' into such class folders, or move it away."
        )
    raise UnclearLayoutError(
        doubt,
        {
            "group/class": f"only the images in {' and '.join(rest)} are taken, and divided anew for "
            "training and testing"
        },
        f"or sort the images in '{shortened(heaps[0])}' into such class folders",
    )


def _same_tails(parts: dict[str, int]) -> bool:
    """Whether training and other parts are numbered alike ("train_1", "test_1", "train_2", "test_2")."""

    def tails(of_train: bool) -> set[str]:
        return {
            " ".join(word for word in names.plain(part).split() if names.side_of(word) is None)
            for part, side in parts.items()
            if (side == 0) == of_train
        }

    return tails(True) == tails(False)


def _class_names(folder: Folder) -> list[str]:
    """Names that a part of a split seems to have for classes, past single folders around them."""
    while folder.own == 0 and len(folder.inside) == 1:
        (below,) = folder.inside.values()
        if below.own or not below.inside:
            break
        folder = below
    return list(folder.inside)


class _Finder:
    """Finds the class folders below one folder, writing down what it leaves out and assumes."""

    def __init__(self, name: str, reading: Reading) -> None:
        self._name, self._reading = name, reading

    def of(self, folder: Folder, path: Parts, may_be_divided: bool) -> list[ClassFolder]:
        """The class folders below a folder.

        Args:
            folder: that folder.
            path: of it.
            may_be_divided: whether the folders in it may be parts of a split.

        Raises:
            UnclearLayoutError: there are several ways to read it.
        """
        parts = _parts_of_split(folder, self._name) if may_be_divided else {}
        # Images that lie loose beside a single folder make it no class.
        tops = dict(folder.inside)
        if len(tops) > 1 and parts:
            return self._of_parts(folder, path, parts)
        aside = [top for top in tops if names.is_set_aside(top)]
        if len(aside) < len(tops):
            for top in aside:
                tops.pop(top)
                self._leave_out((*path, top), "its name says that its images are of no class")
        tops = self._without_twins(tops, path)
        if len(tops) == 1:
            ((top, below),) = tops.items()
            if below.own == 0:
                return self.of(below, (*path, top), may_be_divided)
        if may_be_divided:
            self._reading.root = path
        flat = {top: below for top, below in tops.items() if below.own}
        if not flat:
            return self._of_deep(tops, path, may_be_divided)
        self._doubt_flat(tops, flat, may_be_divided)
        deep = [top for top, below in tops.items() if below.inside]
        if deep:
            self._reading.notes.append(
                f"Images in folders further down ({_listed(deep)}) count for the class folder they lie in."
            )
        return [ClassFolder((*path, top), top) for top in tops]

    def _of_parts(self, folder: Folder, path: Parts, parts: dict[str, int]) -> list[ClassFolder]:
        """Find the class folders in the parts of a split; other folders at that level are left out."""
        self._reading.root = path
        found = []
        for top, below in folder.inside.items():
            others = {
                names.plain(one) for part in parts if part != top for one in _class_names(folder.inside[part])
            }
            if top in parts and parts[top] != 0 and _is_flat(below, others):
                self._leave_out((*path, top), "unlike the other parts of the split it has no class folders")
            elif top in parts:
                found += [
                    ClassFolder(one.path, one.name, parts[top], top)
                    for one in self.of(below, (*path, top), may_be_divided=False)
                ]
            elif not below.inside and names.loose_side_of(top) is not None:
                self._leave_out((*path, top), "unlike the other parts of the split it has no class folders")
            else:
                self._leave_out((*path, top), "it is none of the parts of the split beside it")
        return found

    def _without_twins(self, tops: dict[str, Folder], path: Parts) -> dict[str, Folder]:
        """Leave out folders that hold the classes beside them once more ("A", "B" and "cells/A", "
        ""cells/B")."""
        flat = {names.plain(top) for top, below in tops.items() if below.own}
        rest = {}
        for top, below in tops.items():
            inner = {names.plain(one) for one in _class_names(below)}
            if below.own == 0 and inner and inner <= flat and names.side_of(top) is None:
                self._leave_out(
                    (*path, top), f"it repeats the classes beside it ({_listed(_class_names(below))})"
                )
            else:
                rest[top] = below
        return rest

    def _leave_out(self, path: Parts, why: str) -> None:
        self._reading.left_out[path] = why

    def _doubt_flat(self, tops: dict[str, Folder], flat: dict[str, Folder], is_outermost: bool) -> None:
        """Ask where folders that hold images themselves hardly look like classes."""
        sides = [top for top in tops if names.side_of(top) is not None]
        loose = {top: side for top in tops if (side := names.loose_side_of(top)) is not None}
        if 0 in loose.values() and len(set(loose.values())) > 1:
            # "neutrophil_train" beside "neutrophil_test"; "Test positive" beside "Test negative" are classes.
            sides = sides or [top for top in loose if top in flat]
        every = {
            "class" if is_outermost else "split/class": f"the classes are called {_listed(tops)}",
        }
        if sides:
            raise UnclearLayoutError(
                f"{self._name} holds images directly in '{shortened(sides[0])}', which sounds like a "
                "part of a split and not like a class",
                every,
                "or make one folder per class inside it, or remove it",
            )
        is_one = len(tops) == 1
        if all(map(names.is_uninformative if is_one else _is_no_class, flat)):
            raise UnclearLayoutError(
                f"{self._name} holds images directly in {_listed(flat)}, which "
                + ("does not sound like a class" if is_one else "do not sound like classes"),
                every,
                "or make one folder per class and put its images inside",
            )
        for top, below in tops.items():
            if below.own == 0 and len(below.inside) > 1 and not all(map(names.is_numbered, below.inside)):
                raise UnclearLayoutError(
                    f"{self._name} holds images directly in {_listed(flat)}, but '{shortened(top)}' has "
                    f"only further folders ({_listed(below.inside)})",
                    every,
                    f"or bring all classes to one level, or move '{shortened(top)}' away",
                )

    def _of_deep(self, tops: dict[str, Folder], path: Parts, is_outermost: bool) -> list[ClassFolder]:
        """The classes where no folder holds images itself: these folders, or those inside them."""
        inner = {top: list(below.inside) for top, below in tops.items()}
        if not all(map(_is_no_class, tops)):
            if is_outermost and self._inner_are_parts(tops):
                return [
                    ClassFolder((*path, top, one), top, names.side_of(one), one)
                    for top, ones in inner.items()
                    for one in ones
                ]
            if self._inner_are_no_classes(inner):
                self._reading.notes.append(
                    f"The classes are taken to be {_listed(tops)}, and the folders inside them "
                    f"({_listed(one for ones in inner.values() for one in ones)}) to be no classes. If they "
                    "are: --layout group/class."
                )
                return [ClassFolder((*path, top), top) for top in tops]
        shared, within = _shared(inner), _listed(one for ones in inner.values() for one in ones)
        what = (
            f"all hold folders of the same names ({_listed(shared)})"
            if shared
            else f"hold no images themselves but further folders ({within})"
        )
        choices = {
            "group/class": f"the classes are {within}; {_listed(tops)} do not matter",
            "class": f"the classes are {_listed(tops)}",
        }
        deeper = _listed(
            name for top in tops.values() for below in top.inside.values() for name in below.inside
        )
        advice = "or open one folder by itself"
        if not is_outermost:
            # Inside a part of a split; the person has to say that level too.
            choices = {f"split/{layout}": meaning for layout, meaning in choices.items()}
        elif all(names.loose_side_of(top) is not None for top in tops):
            split = {"split/class": f"they are parts of a split; the classes are {within}"}
            if deeper:
                split["split/group/class"] = f"they are parts of a split; the classes are {deeper}"
            choices = {**split, **choices}
        elif all(names.side_of(one) is not None for ones in inner.values() for one in ones):
            if deeper:
                choices = {
                    "group/split/class": f"{within} are parts of a split; the classes are {deeper}",
                    "class": choices["class"],
                }
        else:
            advice += ", or call them train, validation and test for --layout split/class"
        raise UnclearLayoutError(
            f"It is not clear which folders of {self._name} are the classes: {_listed(tops)} {what}",
            choices,
            advice,
        )

    @staticmethod
    def _inner_are_parts(tops: dict[str, Folder]) -> bool:
        """Whether each class is divided by itself: "neutrophil/train", "neutrophil/test"."""
        return all(
            names.side_of(one) is not None and below.own > 0
            for top in tops.values()
            for one, below in top.inside.items()
        )

    @staticmethod
    def _inner_are_no_classes(inner: dict[str, list[str]]) -> bool:
        every = [one for ones in inner.values() for one in ones]
        if len({names.plain(one) for one in every}) == 1:
            # "A/images", "B/images": as one class it would be no set to learn from.
            return True
        if all(map(names.is_cell, inner)) and not any(map(names.is_cell, every)):
            return True
        return all(map(names.is_numbered, every)) and not any(map(names.is_numbered, inner))


def _is_flat(part: Folder, others: set[str]) -> bool:
    """Whether a part of a split has its images in one folder that is no class ("test/images",
    "test/unknown", "test/0").

    Args:
        part: the folder of the part.
        others: what folders in the other parts are called, as `folder_names.plain` gives it.
    """
    inner = _class_names(part)
    if len(inner) != 1 or names.plain(inner[0]) in others or len(others) < 2:
        return False
    (name,) = inner
    is_number = names.is_numbered(name) and not any(map(names.is_numbered, others))
    return is_number or names.names_no_class(name) or names.side_of(name) is not None


def _is_no_class(name: str) -> bool:
    """Whether a folder's name counts or describes images rather than naming a kind of cell."""
    return names.is_group(name) or names.is_variant(name)


def _shared(inner: dict[str, list[str]]) -> list[str]:
    """Names that several of the folders have inside."""
    seen: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for top, ones in inner.items():
        for one in ones:
            seen.setdefault(names.plain(one), set()).add(top)
            first.setdefault(names.plain(one), one)
    return [first[one] for one, tops in seen.items() if len(tops) > 1]


def _split_sentence(tree: Folder, reading: Reading) -> str:
    """Which folders were taken for which side, with their numbers of images."""
    said = []
    for side, word in enumerate(SPLITS):
        counts: dict[str, int] = {}
        for one in reading.classes:
            if one.side == side:
                counts[one.part] = counts.get(one.part, 0) + tree.at(one.path).images
        if counts:
            folders = " and ".join(
                f"'{shortened(names.shown(part))}' ({n:,} image{'s' if n != 1 else ''})"
                for part, n in counts.items()
            )
            said.append(f"{word} from {folders}")
    return f"The folders were read as a split: {'; '.join(said)}."


def _levels(depth: int) -> str:
    return "1 folder" if depth == 1 else f"{depth} folders"


def _listed(parts: Iterable[str]) -> str:
    """Up to five names, each once."""
    once = list(dict.fromkeys(names.shown(part) for part in parts))
    shown = ", ".join(shortened(part) for part in sorted(once, key=names.natural)[:5])
    return f"{shown} and {len(once) - 5} more" if len(once) > 5 else shown
