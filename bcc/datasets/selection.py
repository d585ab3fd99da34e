"""Which rows of a dataset are left out and which labels are changed, why, since when and by whom.

The dataset itself is never changed. A `Selection` is immutable: a decision returns a new one, so that undo
only needs the old one. It is saved as small JSON under `data/selections/<fingerprint>/<name>.json`, belongs
to one dataset and is refused for any other. Suggestions come from `bcc.quality`, training on the remaining
rows is left to `bcc.training`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bcc.atomic_files import why_not_written
from bcc.datasets.cache.cached_datasets import write_json
from bcc.datasets.dataset import Dataset
from bcc.datasets.file_names import files_of
from bcc.datasets.label_changes import UNLABELLED, LabelChanges, LabelsInFile
from bcc.errors import UserError
from bcc.json_files import parse_json, read_bytes
from bcc.paths import data_folder, is_file, path_of
from bcc.trash import Discarded, discard

FORMAT = 2
"""Of a file with changed labels; without, 1 is written, which earlier versions read too."""
_NAME = re.compile(r"[\w][\w .-]{0,79}")


@dataclass(frozen=True)
class Decision:
    """Decision on one row.

    Attributes:
        left_out: whether the row is left out; otherwise a person reviewed it and kept it.
        reason: in words ("near duplicate of row 12").
        when: UTC, in ISO form to the second.
    """

    left_out: bool
    reason: str
    when: str


@dataclass(frozen=True)
class Difference:
    """Rows on which two selections differ, int64 arrays in order."""

    only_first: np.ndarray
    only_second: np.ndarray
    both: np.ndarray


@dataclass(frozen=True)
class Selection:
    """Decisions on the rows of one dataset.

    Attributes:
        fingerprint: of the dataset.
        source: name of the dataset that a person recognises.
        rows: how many rows the dataset has.
        decisions: row -> what was decided; rows without a decision are kept.
        name: under which it was saved, empty for none.
        labels: labels and classes that a person has changed.
        class_names: of the dataset, when the first label was changed; empty before.
    """

    fingerprint: str
    source: str
    rows: int
    decisions: dict[int, Decision] = field(default_factory=dict)
    name: str = ""
    labels: LabelChanges = field(default_factory=LabelChanges)
    class_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, dataset: Dataset) -> Selection:
        """All rows of a set, nothing decided."""
        return cls(dataset.fingerprint, dataset.source, len(dataset))

    def leave_out(self, rows: Iterable[int], reason: str, when: str | None = None) -> Selection:
        """Return a selection that also leaves out these rows."""
        return self._decided(rows, Decision(True, reason, when or now()))

    def keep(self, rows: Iterable[int], reason: str = "kept", when: str | None = None) -> Selection:
        """Return a selection in which these rows are reviewed and kept."""
        return self._decided(rows, Decision(False, reason, when or now()))

    def forget(self, rows: Iterable[int]) -> Selection:
        """Return a selection without a decision on these rows."""
        gone = {int(row) for row in rows}
        return replace(self, decisions={row: one for row, one in self.decisions.items() if row not in gone})

    def _decided(self, rows: Iterable[int], decision: Decision) -> Selection:
        return replace(self, decisions=self.decisions | dict.fromkeys(self._known(rows), decision))

    def _known(self, rows: Iterable[int]) -> list[int]:
        chosen = [int(row) for row in rows]
        outside = [row for row in chosen if not 0 <= row < self.rows]
        if outside:
            raise UserError(f"There is no row {outside[0]}: {self.source} has rows 0 to {self.rows - 1}.")
        return chosen

    def relabel(
        self,
        dataset: Dataset,
        rows: Iterable[int],
        new: str | None,
        *,
        who: str = "",
        why: str = "",
        when: str | None = None,
    ) -> Selection:
        """Return a selection in which these rows have another class.

        Args:
            dataset: the set.
            rows: to change; those with this class already are confirmed.
            new: name of a class, `None` for "I don't know".
            who: the reviewer.
            why: in words.
            when: UTC, in ISO form to the second; now when missing.

        Raises:
            UserError: there is no such row or class, or the selection belongs to another set.
        """
        chosen = self._known(rows)
        return self.with_labels(
            dataset, self.labels.change(dataset, chosen, new, who=who, when=when or now(), why=why)
        )

    def own_labels(self, rows: Iterable[int]) -> Selection:
        """Return a selection in which these rows have the dataset's own label again."""
        return replace(self, labels=self.labels.forget(rows))

    def with_labels(self, dataset: Dataset, labels: LabelChanges) -> Selection:
        """Return a selection with these changes to labels and classes.

        Raises:
            UserError: the selection belongs to another set.
        """
        self.check(dataset)
        return replace(self, labels=labels, class_names=tuple(dataset.as_given.class_names))

    def relabelled(self, dataset: Dataset) -> Dataset:
        """Return the dataset with all changes to labels and classes; the same one where there are none.

        Rows without a class ("I don't know", a class left out) get the label -1, and `apply` leaves them
        out. The fingerprint stays: it names the rows, and the pixels are the same.

        Raises:
            UserError: the selection belongs to another set.
        """
        self.check(dataset)
        given = dataset.as_given
        if not self.labels and UNLABELLED not in given.class_names:
            return given
        return replace(
            given,
            labels=self.labels.labels(given),
            class_names=self.labels.class_names(given),
            before_changes=given,
        )

    def given_labels(self, dataset: Dataset) -> np.ndarray:
        """The labels without the changes to single rows, but with those to classes.

        Returns:
            int64 (N,), positions in the classes of `relabelled`, -1 for a row without a class.
        """
        return replace(self.labels, rows={}).labels(dataset)

    @property
    def left_out(self) -> np.ndarray:
        """int64, the rows that are left out, in order."""
        return np.array(sorted(row for row, one in self.decisions.items() if one.left_out), np.int64)

    @property
    def reviewed(self) -> np.ndarray:
        """int64, the rows on which anything was decided, their label included, in order."""
        return np.array(sorted({*self.decisions, *self.labels.rows}), np.int64)

    def apply(self, dataset: Dataset) -> np.ndarray:
        """Return which rows are kept: bool (N,), neither left out nor without a class.

        Raises:
            UserError: the selection belongs to another set.
        """
        keep: np.ndarray = self.relabelled(dataset).labels >= 0
        keep[self.left_out] = False
        return keep

    def check(self, dataset: Dataset) -> None:
        """Refuse another dataset.

        Raises:
            UserError: the selection belongs to another set.
        """
        if self.fingerprint != dataset.fingerprint or self.rows != len(dataset):
            raise UserError(
                f"The selection{f' {self.name!r}' if self.name else ''} belongs to {self.source} "
                f"({self.fingerprint}), not to {dataset.source} ({dataset.fingerprint}); choose one made for "
                "this dataset."
            )

    def compare(self, other: Selection) -> Difference:
        """Compare two selections: rows that only one of them leaves out, and rows that both do.

        Raises:
            UserError: they belong to different sets.
        """
        if self.fingerprint != other.fingerprint:
            raise UserError(
                f"The selections belong to different datasets ({self.source} and {other.source}); compare "
                "two of the same set."
            )
        mine, theirs = self.left_out, other.left_out
        return Difference(
            np.setdiff1d(mine, theirs), np.setdiff1d(theirs, mine), np.intersect1d(mine, theirs)
        )

    def summary(self) -> dict[str, Any]:
        """Counts, ready for JSON: `name`, rows `left_out`, rows reviewed and `kept`, and `reasons`,
        reason -> rows left out for it."""
        reasons = Counter(one.reason for one in self.decisions.values() if one.left_out)
        left_out = sum(reasons.values())
        return {
            "name": self.name,
            "left_out": left_out,
            "kept": len(self.decisions) - left_out,
            "reasons": dict(reasons.most_common()),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; rows that share reason and time are grouped."""
        groups: dict[Decision, list[int]] = {}
        for row in sorted(self.decisions):
            groups.setdefault(self.decisions[row], []).append(row)
        listed = [
            {"left_out": one.left_out, "reason": one.reason, "when": one.when, "rows": rows}
            for one, rows in groups.items()
        ]
        labels = {"labels": self.labels.to_dict(self.class_names)} if self.labels else {}
        return {
            "format": FORMAT if labels else 1,
            "dataset": self.fingerprint,
            "source": self.source,
            "rows": self.rows,
            "decisions": listed,
            **labels,
        }

    def _traced(self) -> dict[str, Any]:
        """`to_dict` with the names of the rows' files, where the dataset is cached and has them.

        They are for people and other programs; reading a selection goes by rows alone.
        """
        content, files = self.to_dict(), files_of(self.fingerprint)
        if files is not None and len(files) == self.rows:
            for group in [*content["decisions"], *content.get("labels", {}).get("changes", ())]:
                group["files"] = [files[row] for row in group["rows"]]
        return content

    def save(self, name: str) -> Selection:
        """Save it under a name in the data folder, replacing any selection of that name.

        Raises:
            UserError: the name cannot be a file's, or the disk is full or read-only.
        """
        path = selection_path(self.fingerprint, name)
        self.export(path)
        return replace(self, name=name)

    def export(self, path: Path | str) -> None:
        """Write it to a file anywhere, whole or not at all.

        Raises:
            UserError: the file cannot be written.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, self._traced())
        except OSError as error:
            raise UserError(why_not_written(error, f"the selection '{path.stem}'", path.parent)) from error


def with_labels(dataset: Dataset, selection: Selection | None = None) -> Dataset:
    """The dataset as it is learned and scored: with the changed labels of a selection, where there is one.

    Rows without a label get -1, also without a selection, so that "unlabelled" is never one of the classes.

    Raises:
        UserError: the selection belongs to another set.
    """
    return (Selection.of(dataset) if selection is None else selection).relabelled(dataset)


def now() -> str:
    """The time, UTC, in ISO form to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def selections_folder(fingerprint: str) -> Path:
    """Return the folder of the selections of a dataset."""
    return data_folder() / "selections" / fingerprint


def selection_path(fingerprint: str, name: str) -> Path:
    """The file of a selection.

    Raises:
        UserError: the name cannot be a file's.
    """
    if not _is_name(name):
        raise UserError(
            f"A selection cannot be named '{name[:80]}'; use up to 80 letters, digits, spaces, dots, - and _ "
            "that begin with a letter or digit."
        )
    return selections_folder(fingerprint) / f"{name}.json"


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and not text.endswith((" ", "."))


def saved_selections(dataset: Dataset) -> list[str]:
    """List the names of the selections of a dataset, newest first."""
    folder = selections_folder(dataset.fingerprint)
    # Others cannot be opened by their name.
    files = [file for file in folder.glob("*.json") if _is_name(file.stem) and file.is_file()]
    return [file.stem for file in sorted(files, key=lambda file: (-file.stat().st_mtime, file.name))]


def open_selection(dataset: Dataset, name: str) -> Selection:
    """Open a selection that was saved for this dataset.

    Raises:
        UserError: there is none of that name, or the file is damaged or of another set.
    """
    return replace(import_selection(dataset, selection_path(dataset.fingerprint, name)), name=name)


def find_selection(dataset: Dataset, name: str) -> Selection:
    """Open a selection by the name that it was saved under, or else by the path of a file.

    Raises:
        UserError: there is neither, or it is damaged or of another set.
    """
    saved = saved_selections(dataset)
    if name in saved:
        return open_selection(dataset, name)
    path = path_of(name)
    for file in (path, data_folder() / path):
        if is_file(file):
            return replace(import_selection(dataset, file), name=name)
    known = f"it has {', '.join(saved)}" if saved else "it has none; make one on the Clean page"
    raise UserError(f"There is no selection '{name}' for {dataset.source} ({dataset.fingerprint}): {known}.")


def delete_selection(dataset: Dataset, name: str) -> Discarded | None:
    """Move a saved selection to the trash of its folder, from where `bcc.trash.take_back` brings it again.

    Returns:
        Where it lies now, `None` where there is no such selection.
    """
    path = selection_path(dataset.fingerprint, name)
    return discard(path) if path.is_file() else None


class _Group(BaseModel):
    """Rows that share a decision, as in the file; types are checked strictly."""

    model_config = ConfigDict(strict=True)

    left_out: bool
    reason: str
    when: str
    rows: list[Annotated[int, Field(ge=0, lt=2**63)]]


class _File(BaseModel):
    """The file of a selection."""

    model_config = ConfigDict(strict=True)

    format: Annotated[int, Field(ge=1)] = FORMAT
    dataset: str
    source: str
    rows: Annotated[int, Field(ge=0, lt=2**63)]
    decisions: list[_Group]
    labels: LabelsInFile | None = None


def import_selection(dataset: Dataset, path: Path | str) -> Selection:
    """Read a selection from a file.

    Raises:
        UserError: the file is missing, damaged or of another dataset.
    """
    path = Path(path)
    try:
        content = read_bytes(path)
    except FileNotFoundError:
        raise UserError(f"There is no selection '{path.stem}' for {dataset.source}.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"'{path}' cannot be read: {why or error}.") from error
    return read_selection(dataset, content, path.name)


def read_selection(dataset: Dataset, content: bytes, name: str) -> Selection:
    """Read a selection from the bytes of its file.

    Args:
        dataset: the set that it must belong to.
        content: JSON, as `Selection.export` writes it.
        name: what to call the file in a message.

    Raises:
        UserError: it is damaged or of another dataset.
    """
    try:
        values = parse_json(content)
        if isinstance(values, dict) and isinstance(values.get("format"), int) and values["format"] > FORMAT:
            raise UserError(
                f"'{name}' is a selection of format {values['format']}, and this version knows {FORMAT}: "
                "update the program, or export it again from this one."
            )
        file = _File.model_validate(values)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UserError(f"'{name}' is no selection, or damaged (see '{place}'); export it again.") from error
    except ValueError as error:
        raise UserError(f"'{name}' is no selection, or damaged; export it again.") from error
    decisions = {
        row: Decision(group.left_out, group.reason, group.when)
        for group in file.decisions
        for row in group.rows
    }
    selection = Selection(file.dataset, file.source, file.rows, decisions)
    try:
        selection.check(dataset)
    except UserError:
        raise UserError(
            f"'{name}' belongs to the dataset {selection.source} ({selection.fingerprint}), not to "
            f"{dataset.source} ({dataset.fingerprint}); choose one made for this dataset."
        ) from None
    if any(not 0 <= row < len(dataset) for row in decisions):
        raise UserError(f"'{name}' names rows that {dataset.source} does not have; export it again.")
    if file.labels is None:
        return selection
    try:
        labels = file.labels.read(dataset)
    except ValueError as error:
        raise UserError(
            f"The labels in '{name}' do not fit {dataset.source} ({error}); export it again."
        ) from error
    return replace(selection, labels=labels, class_names=tuple(file.labels.classes))
