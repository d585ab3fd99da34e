"""Labels that a person has put right, as an overlay: the dataset itself is never changed.

`LabelChanges` holds who gave which row another class, when and why, and what was done to the classes
themselves (added, renamed, merged, left out). It is part of a `Selection` and stored with it. Whoever reads
labels asks `Selection.relabelled` for the dataset with the changes applied.

Classes are positions: those of the dataset first, added ones after them. A class that is renamed on the Data
page keeps its position, so that changes made before still mean the same class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from bcc.datasets.classes import UNLABELLED
from bcc.datasets.dataset import Dataset
from bcc.errors import UserError

UNKNOWN = -1
"""In place of a class: the reviewer could not tell. Such a row is neither trained on nor scored."""
MOST_CLASSES = 1000
LONGEST_NAME = 80


@dataclass(frozen=True)
class LabelChange:
    """One answer of one person about one row.

    Attributes:
        old: position of the class that the row had before.
        new: position of the class that it has now, `UNKNOWN` for "I don't know"; equal to `old` where the
            reviewer confirmed the label.
        who: name of the reviewer, as they gave it; may be empty.
        when: UTC, in ISO form to the second.
        why: in words; may be empty.
    """

    old: int
    new: int
    who: str
    when: str
    why: str


@dataclass(frozen=True)
class LabelChanges:
    """Changes to the labels and classes of one dataset; every method returns a new one.

    Attributes:
        rows: row -> its changes, oldest first; the last one counts.
        added: names of classes that the dataset does not have.
        renamed: position -> new name.
        merged: position -> position of the class that it became part of.
        left_out: positions of classes whose rows are left out.
    """

    rows: dict[int, tuple[LabelChange, ...]] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    renamed: dict[int, str] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.rows or self.added or self.renamed or self.merged or self.left_out)

    def change(
        self, dataset: Dataset, rows: Iterable[int], new: str | None, *, who: str, when: str, why: str
    ) -> LabelChanges:
        """Record one answer for several rows.

        Args:
            dataset: the set.
            rows: to change.
            new: name of a remaining class, `None` for "I don't know".
            who, when, why: as in `LabelChange`.

        Raises:
            UserError: there is no such class.
        """
        position = UNKNOWN if new is None else self.position(dataset, new)
        own, changed = dataset.as_given.labels, {}
        for row in map(int, rows):
            before = self.rows.get(row, ())
            old = before[-1].new if before else int(own[row])
            changed[row] = (*before, LabelChange(old, position, who, when, why))
        return replace(self, rows=self.rows | changed)

    def forget(self, rows: Iterable[int]) -> LabelChanges:
        """Return to the dataset's own labels for these rows."""
        gone = {int(row) for row in rows}
        return replace(self, rows={row: changes for row, changes in self.rows.items() if row not in gone})

    def all_names(self, dataset: Dataset) -> list[str]:
        """The name of every position, merged and left-out classes included."""
        names = [*dataset.as_given.class_names, *self.added]
        for position, name in self.renamed.items():
            names[position] = name
        return names

    def class_names(self, dataset: Dataset) -> tuple[str, ...]:
        """The classes that remain, in order."""
        names = self.all_names(dataset)
        return tuple(names[position] for position in self._remaining(dataset))

    def _remaining(self, dataset: Dataset) -> list[int]:
        own = dataset.as_given.class_names
        gone = {position for position, name in enumerate(own) if name == UNLABELLED}
        gone |= set(self.merged) | self.left_out
        return [position for position in range(len(own) + len(self.added)) if position not in gone]

    def position(self, dataset: Dataset, name: str) -> int:
        """The position of a remaining class.

        Raises:
            UserError: there is no such class.
        """
        names = self.all_names(dataset)
        for position in self._remaining(dataset):
            if names[position] == name:
                return position
        known = ", ".join(names[position] for position in self._remaining(dataset)) or "none yet"
        raise UserError(f"There is no class '{name}' in {dataset.source} (classes: {known}); add it first.")

    def add_class(self, dataset: Dataset, name: str) -> LabelChanges:
        """Add a class without rows.

        Raises:
            UserError: the name is taken or cannot be one.
        """
        if len(dataset.as_given.class_names) + len(self.added) >= MOST_CLASSES:
            raise UserError(f"There are {MOST_CLASSES:,} classes already; merge some first.")
        return replace(self, added=(*self.added, self._free_name(dataset, name)))

    def rename_class(self, dataset: Dataset, old: str, new: str) -> LabelChanges:
        """Rename a class.

        Raises:
            UserError: there is no such class, or the new name is taken.
        """
        position = self.position(dataset, old)
        return replace(self, renamed=self.renamed | {position: self._free_name(dataset, new)})

    def merge_classes(self, dataset: Dataset, name: str, into: str) -> LabelChanges:
        """Make one class part of another one.

        Raises:
            UserError: there is no such class, or both are the same.
        """
        position, target = self.position(dataset, name), self.position(dataset, into)
        if position == target:
            raise UserError(f"'{name}' cannot be merged with itself; choose two classes.")
        moved = {one: target if other == position else other for one, other in self.merged.items()}
        return replace(self, merged=moved | {position: target})

    def leave_out_class(self, dataset: Dataset, name: str) -> LabelChanges:
        """Leave all rows of a class out.

        Raises:
            UserError: there is no such class.
        """
        return replace(self, left_out=self.left_out | {self.position(dataset, name)})

    def restore_classes(self, dataset: Dataset) -> LabelChanges:
        """Take back renaming, merging and leaving out; added classes stay, since rows may carry them."""
        restored = replace(self, renamed={}, merged={}, left_out=frozenset())
        names = restored.all_names(dataset)
        # An added class may have taken the name that a renamed one had before.
        return self if len(set(names)) < len(names) else restored

    def _free_name(self, dataset: Dataset, name: str) -> str:
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable() or name == UNLABELLED:
            raise UserError(
                f"A class cannot be named '{name[:LONGEST_NAME]}'; use up to {LONGEST_NAME} printable letters"
                f"{f' other than {UNLABELLED}' if name == UNLABELLED else ''}."
            )
        if name.casefold() in {one.casefold() for one in self.all_names(dataset)}:
            raise UserError(f"There is a class '{name}' already; choose another name, or merge the two.")
        return name

    def positions(self, dataset: Dataset) -> np.ndarray:
        """The class of every row as a position among `all_names`, `UNKNOWN` where nobody could tell.

        Returns:
            int64 (N,).
        """
        labels = np.array(dataset.as_given.labels, np.int64)
        if self.rows:
            rows = np.fromiter(self.rows, np.int64, len(self.rows))
            labels[rows] = [changes[-1].new for changes in self.rows.values()]
        return labels

    def merged_positions(self, dataset: Dataset) -> np.ndarray:
        """The class of every row as a position among `all_names`, after merging and leaving out classes.

        Returns:
            int64 (N,), -1 for a row without a class.
        """
        remaining = np.array(self._remaining(dataset), np.int64)
        labels = self.labels(dataset)
        # The last place is that of the rows without a class.
        found: np.ndarray = np.append(remaining, -1)[labels]
        return found

    def labels(self, dataset: Dataset) -> np.ndarray:
        """The label of every row after all changes.

        Returns:
            int64 (N,), positions in `class_names(dataset)`, -1 for a row without a class.
        """
        remaining = self._remaining(dataset)
        # One place more, the last, for UNKNOWN.
        target = np.full(len(self.all_names(dataset)) + 1, -1, np.int64)
        target[remaining] = np.arange(len(remaining))
        for position, other in self.merged.items():
            target[position] = target[other]
        found: np.ndarray = target[self.positions(dataset)]
        return found

    def changed_rows(self, dataset: Dataset) -> np.ndarray:
        """Rows whose own answer is another class than the dataset's, "I don't know" included: int64, in
        order."""
        own = dataset.as_given.labels
        return np.array(
            sorted(row for row, changes in self.rows.items() if changes[-1].new != own[row]), np.int64
        )

    def summary(self, dataset: Dataset) -> dict[str, Any]:
        """Counts, ready for JSON.

        Returns:
            `changed` rows with another class, `confirmed` rows, `unknown` rows ("I don't know"), `moves` (a
            line per pair of classes: `old`, `new`, `rows`, the commonest first), `reviewers`, and `classes`,
            what was done to the classes in sentences.
        """
        names, own = self.all_names(dataset), dataset.as_given.labels
        moves: dict[tuple[str, str], int] = {}
        confirmed = unknown = 0
        for row, changes in self.rows.items():
            new = changes[-1].new
            if new == UNKNOWN:
                unknown += 1
            elif new == own[row]:
                confirmed += 1
            else:
                pair = names[own[row]], names[new]
                moves[pair] = moves.get(pair, 0) + 1
        return {
            "changed": sum(moves.values()),
            "confirmed": confirmed,
            "unknown": unknown,
            "moves": [
                {"old": old, "new": new, "rows": count}
                for (old, new), count in sorted(moves.items(), key=lambda one: (-one[1], one[0]))
            ],
            "reviewers": sorted({changes[-1].who for changes in self.rows.values()} - {""}),
            "classes": self._class_sentences(dataset),
        }

    def _class_sentences(self, dataset: Dataset) -> list[str]:
        names, own = self.all_names(dataset), [*dataset.as_given.class_names, *self.added]
        said = [f"'{names[len(own) - len(self.added) + at]}' added" for at in range(len(self.added))]
        said += [f"'{own[position]}' renamed to '{name}'" for position, name in self.renamed.items()]
        said += [f"'{names[one]}' merged into '{names[other]}'" for one, other in self.merged.items()]
        return said + [f"'{names[position]}' left out" for position in sorted(self.left_out)]

    def to_dict(self, class_names: tuple[str, ...]) -> dict[str, Any]:
        """Plain values, ready for JSON; classes by name beside their positions, for people.

        Args:
            class_names: the dataset's own classes.
        """
        names: list[str | None] = [*class_names, *self.added, None]  # The last one is UNKNOWN's.
        groups: dict[tuple[int, LabelChange], list[int]] = {}
        for row in sorted(self.rows):
            for depth, change in enumerate(self.rows[row]):
                groups.setdefault((depth, change), []).append(row)
        # Rows get their changes back in the order of the file.
        listed = [
            {
                "old": names[change.old],
                "new": names[change.new],
                "positions": [change.old, change.new],
                "who": change.who,
                "when": change.when,
                "why": change.why,
                "rows": rows,
            }
            for (_, change), rows in sorted(groups.items(), key=lambda one: one[0][0])
        ]
        return {
            "classes": list(class_names),
            "added": list(self.added),
            "renamed": {str(position): name for position, name in self.renamed.items()},
            "merged": {str(position): other for position, other in self.merged.items()},
            "left_out": sorted(self.left_out),
            "changes": listed,
        }


Position = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class ChangeGroup(BaseModel):
    """Rows that share a change, as in the file."""

    model_config = ConfigDict(strict=True)

    positions: Annotated[list[Annotated[int, Field(ge=UNKNOWN)]], Field(min_length=2, max_length=2)]
    who: str = ""
    when: str
    why: str = ""
    rows: list[Annotated[int, Field(ge=0, lt=2**63)]]


class LabelsInFile(BaseModel):
    """The part of a selection's file that is about labels."""

    model_config = ConfigDict(strict=True)

    classes: list[str]
    added: list[Name] = []
    renamed: dict[str, Name] = {}
    merged: dict[str, Position] = {}
    left_out: list[Position] = []
    changes: list[ChangeGroup] = []

    def read(self, dataset: Dataset) -> LabelChanges:
        """The changes, checked against the dataset.

        Raises:
            ValueError: a position or row does not exist.
        """
        if len(self.classes) != len(dataset.as_given.class_names):
            raise ValueError("another number of classes")
        total = len(self.classes) + len(self.added)
        merged = {int(position): other for position, other in self.merged.items()}
        renamed = {int(position): name for position, name in self.renamed.items()}
        rows: dict[int, tuple[LabelChange, ...]] = {}
        for group in self.changes:
            old, new = group.positions
            change = LabelChange(old, new, group.who, group.when, group.why)
            for row in group.rows:
                rows[row] = (*rows.get(row, ()), change)
        used = {*merged, *merged.values(), *renamed, *self.left_out}
        used |= {position for group in self.changes for position in group.positions}
        if any(not UNKNOWN <= position < total for position in used) or UNKNOWN in {*merged, *renamed}:
            raise ValueError("a class that does not exist")
        if set(merged) & set(merged.values()):
            raise ValueError("a class merged into one that is merged itself")
        if any(row >= len(dataset) for row in rows):
            raise ValueError("a row that does not exist")
        return LabelChanges(rows, tuple(self.added), renamed, merged, frozenset(self.left_out))


def labels_sentence(summary: dict[str, Any]) -> str:
    """What `LabelChanges.summary` says, in a sentence for the log and the report."""
    parts = [f"{summary['changed']:,} labels changed"]
    if summary.get("confirmed"):
        parts.append(f"{summary['confirmed']:,} confirmed")
    if summary.get("unknown"):
        parts.append(f'{summary["unknown"]:,} answered "I don\'t know" and left out')
    by = f" by {', '.join(summary['reviewers'])}" if summary.get("reviewers") else ""
    classes = f"; classes: {', '.join(summary['classes'])}" if summary.get("classes") else ""
    return f"{', '.join(parts)}{by}{classes}"
