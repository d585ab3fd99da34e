"""Undo and redo of the decisions in a selection, stored beside it so that a reload or a restart keeps them.

A step holds only what it changed, so that undoing it leaves what others have changed since as it is. The
file is `data/selections/<fingerprint>/.history/<name>.json`; without it, or where it is damaged, there is
nothing to undo, and the selection itself is unharmed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bcc.atomic_files import why_not_written
from bcc.datasets.cache.cached_datasets import write_json
from bcc.datasets.label_changes import LabelChange, LabelChanges
from bcc.datasets.selection import Decision, Selection, selections_folder
from bcc.errors import UserError
from bcc.json_files import parse_json, read_bytes

MOST_STEPS = 200
MOST_ROWS = 50_000
"""Limits of a history: steps, and changed rows in all of them; the oldest are forgotten first."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class DecisionChange:
    """Rows whose decision changed in the same way; `None` stands for undecided."""

    rows: tuple[int, ...]
    before: Decision | None
    after: Decision | None


@dataclass(frozen=True)
class RowLabelChange:
    """Rows whose list of label changes changed in the same way."""

    rows: tuple[int, ...]
    before: tuple[LabelChange, ...]
    after: tuple[LabelChange, ...]


@dataclass(frozen=True)
class ClassesChange:
    """What was done to the classes; both without rows."""

    before: LabelChanges
    after: LabelChanges


@dataclass(frozen=True)
class Step:
    """One decision of a person, on any number of rows.

    Attributes:
        decisions, labels: what changed.
        classes: `None` where the classes stayed.
        kind, at: which kind of findings was open, and which of its findings.
        class_names: of the dataset, where labels or classes changed.
    """

    decisions: tuple[DecisionChange, ...] = ()
    labels: tuple[RowLabelChange, ...] = ()
    classes: ClassesChange | None = None
    kind: str | None = None
    at: int = 0
    class_names: tuple[str, ...] = ()

    @classmethod
    def between(cls, before: Selection, after: Selection, kind: str | None = None, at: int = 0) -> Step:
        """What makes one selection into the other."""
        classes = None
        if _classes(before) != _classes(after):
            classes = ClassesChange(_classes(before), _classes(after))
        return cls(
            tuple(
                DecisionChange(rows, *pair)
                for pair, rows in _changed(before.decisions, after.decisions, None).items()
            ),
            tuple(
                RowLabelChange(rows, *pair)
                for pair, rows in _changed(before.labels.rows, after.labels.rows, ()).items()
            ),
            classes,
            kind,
            at,
            after.class_names or before.class_names,
        )

    @property
    def size(self) -> int:
        """How many rows it changed."""
        return sum(len(one.rows) for one in self.decisions) + sum(len(one.rows) for one in self.labels)

    def undo(self, selection: Selection) -> Selection:
        """The selection as it was before this step."""
        return self._set(selection, after=False)

    def redo(self, selection: Selection) -> Selection:
        """The selection as it was after this step."""
        return self._set(selection, after=True)

    def _set(self, selection: Selection, after: bool) -> Selection:
        decisions, rows = dict(selection.decisions), dict(selection.labels.rows)
        for one in self.decisions:
            decision = one.after if after else one.before
            for row in one.rows:
                if decision is None:
                    decisions.pop(row, None)
                else:
                    decisions[row] = decision
        for changed in self.labels:
            changes = changed.after if after else changed.before
            for row in changed.rows:
                if changes:
                    rows[row] = changes
                else:
                    rows.pop(row, None)
        labels = selection.labels
        if self.classes is not None:
            labels = self.classes.after if after else self.classes.before
        return replace(
            selection,
            decisions=decisions,
            labels=replace(labels, rows=rows),
            # A selection without changed labels, as it is after undoing the first one, does not store them.
            class_names=selection.class_names or self.class_names,
        )


def _classes(selection: Selection) -> LabelChanges:
    return replace(selection.labels, rows={})


def _changed(
    before: dict[int, Value], after: dict[int, Value], nothing: Any
) -> dict[tuple[Any, Any], tuple[int, ...]]:
    """Rows by (value before, value after), of those where they differ."""
    pairs: dict[tuple[Any, Any], list[int]] = {}
    for row in {**before, **after}:
        pair = before.get(row, nothing), after.get(row, nothing)
        if pair[0] != pair[1]:
            pairs.setdefault(pair, []).append(row)
    return {pair: tuple(rows) for pair, rows in pairs.items()}


@dataclass(frozen=True)
class History:
    """Steps that can be undone and redone, the nearest last."""

    past: tuple[Step, ...] = field(default=())
    future: tuple[Step, ...] = field(default=())

    def add(self, step: Step) -> History:
        """The history after one more decision: what was undone before it is gone."""
        past = [*self.past, step][-MOST_STEPS:]
        while len(past) > 1 and sum(one.size for one in past) > MOST_ROWS:
            past.pop(0)
        return History(tuple(past))

    def undone(self) -> History:
        """The history after the last step was undone."""
        return History(self.past[:-1], (*self.future, self.past[-1]))

    def redone(self) -> History:
        """The history after the nearest undone step was done again."""
        return History((*self.past, self.future[-1]), self.future[:-1])


_FILE: TypeAdapter[History] = TypeAdapter(History)


def history_path(fingerprint: str, name: str) -> Path:
    """The file of the history of a selection."""
    return selections_folder(fingerprint) / ".history" / f"{name}.json"


def read_history(fingerprint: str, name: str) -> History:
    """Read the history of a selection; an empty one where there is none or the file is damaged."""
    try:
        return _FILE.validate_python(parse_json(read_bytes(history_path(fingerprint, name))))
    except (OSError, ValueError, ValidationError):
        return History()


def write_history(fingerprint: str, name: str, history: History) -> None:
    """Write it, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    path = history_path(fingerprint, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, _plain(history))
    except OSError as error:
        raise UserError(why_not_written(error, f"the history of '{name}'", path.parent)) from error


def _plain(history: History) -> dict[str, Any]:
    plain = asdict(history)
    for step in (*plain["past"], *plain["future"]):
        for side in ("before", "after") if step["classes"] else ():
            step["classes"][side]["left_out"] = sorted(step["classes"][side]["left_out"])
    return plain
