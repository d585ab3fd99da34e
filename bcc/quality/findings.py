"""Findings of a scan: verdicts, scores and raw measurements, kept separate.

`frame` has a row per finding, for a person to decide on; `scores` rates every image for each kind of fault (0
worst, 1 fine), `numbers` holds the measurements. A file of findings names its dataset and is refused for any
other. Decisions are stored by `bcc.datasets.selection`.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bcc.csv_tables import read_table, write_table
from bcc.datasets import Dataset, with_files
from bcc.errors import UserError
from bcc.quality.appearance import too_many_notes

KINDS = (
    "exact_duplicate",
    "conflicting_duplicate",
    "near_duplicate",
    "not_a_cell",
    "other_stain",
    "blurred",
    "dark",
    "light",
    "low_contrast",
    "low_information",
    "doubtful_label",
)
DUPLICATE_KINDS = KINDS[:3]
CERTAIN_KINDS = KINDS[:2]
"""Kinds that need no judgement: the pixels are equal."""
SUGGESTIONS = ("keep", "drop", "review", "list")
"""What is suggested for a row; "list" is no suggestion, see `bcc.quality.appearance`."""
COLUMNS = ("index", "kind", "score", "group", "suggested", "detail")


@dataclass(frozen=True)
class Findings:
    """Result of a scan.

    Attributes:
        fingerprint: of the dataset.
        rows: how many images it has.
        frame: a row per finding, worst first within each kind: `index` (row of the set), `kind` (one of
            `KINDS`), `score` (0 worst .. 1 fine), `group` (number of the group of duplicates, -1 for
            none), `suggested` (one of `SUGGESTIONS`), `detail` (a sentence for a person).
        scores: a row per image, a column per kind that was looked for: 0 worst .. 1 fine.
        numbers: a row per image, a column per raw measurement, in its own unit.
        seconds: how long each check took, by name.
    """

    fingerprint: str
    rows: int
    frame: pd.DataFrame
    scores: pd.DataFrame
    numbers: pd.DataFrame
    seconds: dict[str, float] = field(default_factory=dict)

    def of_kind(self, kind: str) -> pd.DataFrame:
        """The findings of one kind, worst first."""
        return self.frame[self.frame["kind"] == kind].reset_index(drop=True)

    def counts(self) -> dict[str, int]:
        """Kind -> how many findings, without the kept members of groups."""
        found = self.frame.loc[self.frame["suggested"] != "keep", "kind"].value_counts()
        return {kind: int(found.get(kind, 0)) for kind in KINDS}

    def suggested_rows(self, suggestion: str) -> np.ndarray:
        """int64, the rows that any finding suggests to "drop", or (if none does) to "review".

        Every row has one fate: those that are neither dropped nor reviewed are the rows to "keep", whether
        they were found ("keep" in a group, "list") or not.
        """
        dropped, reviewed = (
            np.unique(self.frame.loc[self.frame["suggested"] == one, "index"]).astype(np.int64)
            for one in ("drop", "review")
        )
        if suggestion == "drop":
            return dropped
        reviewed = np.setdiff1d(reviewed, dropped)
        if suggestion == "review":
            return reviewed
        kept = np.ones(self.rows, bool)
        kept[dropped] = kept[reviewed] = False
        if suggestion == "list":
            listed = np.unique(self.frame.loc[self.frame["suggested"] == "list", "index"]).astype(np.int64)
            return listed[kept[listed]]
        return np.flatnonzero(kept)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on checks that may not fit the set, and so suggest nothing."""
        return too_many_notes(self.frame, self.rows)

    def summary(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON: how many findings of each kind, and how many rows to drop, review
        and keep, which add up to all; of those to keep, how many are listed; and the notes."""
        return {
            "fingerprint": self.fingerprint,
            "pictures": self.rows,
            "kinds": self.counts(),
            "drop": len(self.suggested_rows("drop")),
            "review": len(self.suggested_rows("review")),
            "keep": len(self.suggested_rows("keep")),
            "listed": len(self.suggested_rows("list")),
            "notes": list(self.notes),
            "seconds": {name: round(value, 2) for name, value in self.seconds.items()},
        }

    def to_csv(self, path: Path | str, files: Sequence[str] | None = None) -> None:
        """Write the findings for a person (`bcc.csv_tables`); the column `dataset` names their set.

        Args:
            path: the file.
            files: names of the set's files, which then have a column `file`.

        Raises:
            UserError: the file cannot be written.
        """
        write_table(Path(path), with_files(self.frame.assign(dataset=self.fingerprint), files, "index"))

    def save(self, folder: Path | str) -> None:
        """Write findings, scores and numbers into a folder: findings.csv, scores.csv, numbers.csv.

        Raises:
            OSError, UserError: they cannot be written; some may be there.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        exact = self.frame.assign(dataset=self.fingerprint)
        # Quoted, for a name may hold the end of a line.
        exact.to_csv(folder / "findings.csv", index=False, quoting=csv.QUOTE_NONNUMERIC)
        self.scores.to_csv(folder / "scores.csv", index=False, float_format="%.4g")
        self.numbers.to_csv(folder / "numbers.csv", index=False, float_format="%.5g")

    @classmethod
    def load(cls, folder: Path | str, dataset: Dataset) -> Findings:
        """Read what `save` wrote.

        Raises:
            UserError: the files are missing, damaged or of another dataset.
        """
        folder = Path(folder)
        found = cls.from_csv(folder / "findings.csv", dataset)
        tables = []
        for name in ("scores.csv", "numbers.csv"):
            table = _read(folder / name)
            if len(table) != len(dataset):
                raise UserError(
                    f"'{folder / name}' has {len(table):,} lines for {len(dataset):,} images; scan again."
                )
            tables.append(table)
        return cls(dataset.fingerprint, len(dataset), found.frame, tables[0], tables[1])

    @classmethod
    def from_csv(cls, path: Path | str, dataset: Dataset) -> Findings:
        """Read findings; scores and numbers stay empty.

        Raises:
            UserError: the file is missing, damaged or of another dataset.
        """
        path = Path(path)
        frame = _read(path)
        missing = [column for column in (*COLUMNS, "dataset") if column not in frame]
        if missing:
            raise UserError(
                f"'{path.name}' has no column '{missing[0]}'; give a file that `bcc scan --out` wrote."
            )
        others = [str(mark) for mark in frame["dataset"].unique() if str(mark) != dataset.fingerprint]
        if others:
            raise UserError(
                f"'{path.name}' belongs to the dataset {others[0]}, not to {dataset.source} "
                f"({dataset.fingerprint}); scan this one."
            )
        index = pd.to_numeric(frame["index"], errors="coerce")
        if index.isna().any() or ((index < 0) | (index >= len(dataset))).any():
            raise UserError(f"'{path.name}' names rows that {dataset.source} does not have; scan it again.")
        strange = set(frame["kind"]) - set(KINDS) or set(frame["suggested"]) - set(SUGGESTIONS)
        if strange:
            raise UserError(f"'{path.name}' holds the unknown word '{min(map(str, strange))}'; scan again.")
        kinds = {"index": np.int64, "score": np.float64, "group": np.int64}
        try:
            frame = frame.astype(kinds)
        except (ValueError, TypeError) as error:
            raise UserError(f"'{path.name}' has scores or groups that are no numbers; scan again.") from error
        empty = pd.DataFrame(index=range(len(dataset)))
        return cls(dataset.fingerprint, len(dataset), frame[list(COLUMNS)], empty, empty)


def _read(path: Path) -> pd.DataFrame:
    try:
        return read_table(path, dtype={"dataset": str})
    except FileNotFoundError:
        raise UserError(f"There is no file '{path}'; scan the dataset first.") from None
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise UserError(f"'{path}' cannot be read as a table ({error}); scan the dataset again.") from error


def findings_frame(
    index: np.ndarray,
    kind: str | np.ndarray,
    score: np.ndarray,
    suggested: str | np.ndarray,
    detail: list[str],
    group: np.ndarray | int = -1,
) -> pd.DataFrame:
    """A frame with the columns of `Findings.frame`."""
    return pd.DataFrame(
        {
            "index": np.asarray(index, np.int64),
            "kind": np.broadcast_to(np.asarray(kind, object), len(index)),
            "score": np.clip(np.asarray(score, np.float64), 0, 1).round(4),
            "group": np.broadcast_to(np.asarray(group, np.int64), len(index)),
            "suggested": np.broadcast_to(np.asarray(suggested, object), len(index)),
            "detail": pd.Series(list(detail), dtype=object),
        },
        columns=list(COLUMNS),
    )
