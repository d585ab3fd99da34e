"""What the folders of a tree are, level by level: parts of a split, groups, classes.

Where the tree does not say it plainly, a person does: "class", "split/class", "group/class". Reading the tree
is left to `bcc.datasets.folders.tree`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bcc.datasets.classes import UNLABELLED
from bcc.errors import UserError

CHOICES = {
    "class": "Every folder is a class; folders further down belong to it.",
    "split/class": "Folders are parts of a split (train, validation, test); in each there is one folder per "
    "class.",
    "group/class": "Folders are groups whose names do not matter (patients, folds, sources); in each there "
    "is one folder per class.",
}
"""The usual layouts, in plain words."""

TABLE = "table"
WITHOUT_FOLDERS = {
    TABLE: "A table beside the images (CSV or Excel) names each file and its label; folders do not matter.",
    UNLABELLED: "The images have no labels yet; folders do not matter.",
}
"""Layouts in which no folder is a class."""

_KINDS = ("split", "group", "class")
_MASKS = "+masks"


@dataclass(frozen=True)
class Layout:
    """Layout of a tree, as chosen by a person.

    Attributes:
        levels: "split", "group" and "class" from the outermost level inwards; empty to detect it.
        masks: whether files that look like masks of others count as images.
    """

    levels: tuple[str, ...] = ()
    masks: bool = False

    @property
    def text(self) -> str:
        """The short form: "split/class", "auto+masks"; empty for the usual."""
        named = "/".join(self.levels)
        return f"{named or 'auto'}{_MASKS}" if self.masks else named

    @classmethod
    def parse(cls, text: str | None) -> Layout:
        """Read the short form.

        Raises:
            UserError: it is none.
        """
        named = "".join((text or "").casefold().split())
        masks = named.endswith(_MASKS)
        named = named.removesuffix(_MASKS)
        if named in ("", "auto"):
            return cls((), masks)
        levels = tuple(named.split("/"))
        if named in WITHOUT_FOLDERS:
            return cls(levels, masks)
        if (
            len(levels) > 4
            or any(level not in _KINDS for level in levels)
            or levels.count("class") != 1
            or levels.count("split") > 1
        ):
            raise UserError(
                f"The layout '{text}' is unknown; say what the folders are, from the outermost level "
                "inwards: split/class, group/class or class (add +masks to take masks as images too), table "
                "where a table beside the images has the labels, unlabelled where there are none, or auto."
            )
        return cls(levels, masks)


class UnclearLayoutError(UserError):
    """The class folders of a tree are ambiguous; a person has to choose.

    Attributes:
        doubt: what is unclear, in one sentence without the ways out.
        choices: layout -> what it would mean for this tree; those that fit.
    """

    def __init__(self, doubt: str, choices: dict[str, str], advice: str = "") -> None:
        """Make the error whose text says how to answer on the command line.

        Args:
            doubt: one sentence.
            choices: layouts that could be meant, each with its meaning for this tree.
            advice: another way out, as the end of a sentence.
        """
        ways = [f"--layout {layout} ({meaning})" for layout, meaning in choices.items()]
        said = ", ".join(ways[:-1]) + (" or " if len(ways) > 1 else "") + (ways[-1] if ways else "")
        end = "; ".join(part for part in (f"say which: {said}" if said else "", advice) if part)
        super().__init__(f"{doubt}; {end}.")
        self.doubt = f"{doubt}."
        self.choices = choices
