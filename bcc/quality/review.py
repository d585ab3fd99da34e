"""Findings in the order of review: worst first, copies of one image as one, groups together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.datasets import Dataset, Selection, duplicate_groups
from bcc.quality.findings import KINDS, Findings


@dataclass(frozen=True)
class Unit:
    """One image, with all rows that show exactly it under the same label and suggestion.

    Attributes:
        rows: int64 (M,), in order.
        label: class number.
        score: 0 worst .. 1 fine.
        suggested: one of `bcc.quality.SUGGESTIONS`.
        detail: why, in a sentence.
    """

    rows: np.ndarray
    label: int
    score: float
    suggested: str
    detail: str


@dataclass(frozen=True)
class Item:
    """What is decided on at once: one image, or a group of duplicates side by side."""

    units: tuple[Unit, ...]
    group: int

    @property
    def rows(self) -> np.ndarray:
        """int64, all its rows, in order."""
        return np.sort(np.concatenate([unit.rows for unit in self.units]))

    @property
    def key(self) -> int:
        """What tells it from the others of its kind: its first row."""
        return int(self.units[0].rows[0])


def review(found: pd.DataFrame, dataset: Dataset) -> list[Item]:
    """Sort the findings of one kind for a person.

    Args:
        found: `Findings.of_kind`.
        dataset: the set.

    Returns:
        The worst first; in a group the kept one first.
    """
    if found.empty:
        return []
    rows = found["index"].to_numpy()
    frame = found.assign(
        image=duplicate_groups(dataset.row_hashes)[rows],
        label=dataset.labels[rows],
        kept=found["suggested"] != "keep",
    ).sort_values(["score", "index"], kind="stable")
    # Images without a group are on their own, and their copies with them.
    frame["item"] = np.where(frame["group"] >= 0, frame["group"], -2 - frame["image"])
    items: dict[int, list[Unit]] = {}
    order: dict[int, float] = {}
    for (item, _, _, _), part in frame.groupby(["item", "kept", "image", "label"], sort=False):
        for suggested, same in part.groupby("suggested", sort=False):
            unit = Unit(
                np.sort(same["index"].to_numpy()),
                int(same["label"].iloc[0]),
                float(same["score"].min()),
                str(suggested),
                str(same["detail"].iloc[0]),
            )
            items.setdefault(int(item), []).append(unit)
            if suggested != "keep":
                order[int(item)] = min(order.get(int(item), 1.0), unit.score)
    made = [
        Item(tuple(sorted(units, key=lambda one: (one.suggested != "keep", one.score))), max(item, -1))
        for item, units in items.items()
    ]
    worst = {id(one): order.get(item, 1.0) for one, item in zip(made, items, strict=True)}
    return sorted(made, key=lambda one: (worst[id(one)], -len(one.rows), one.key))


def accept(selection: Selection, found: pd.DataFrame) -> Selection:
    """Follow the suggestions of some findings: leave out "drop", keep "keep", leave the others undecided.

    Args:
        selection: what was decided before; these findings overrule it.
        found: lines of `Findings.frame`, of one kind or several.
    """
    dropped = found[found["suggested"] == "drop"]
    kept = found.loc[found["suggested"] == "keep", "index"]
    after = selection.keep(np.setdiff1d(kept, dropped["index"]), "kept of its copies")
    for kind, part in dropped.sort_values("score", kind="stable").drop_duplicates("index").groupby("kind"):
        after = after.leave_out(part["index"], str(kind).replace("_", " "))
    return after


def relabel_doubtful(selection: Selection, dataset: Dataset, findings: Findings, who: str = "") -> Selection:
    """Give every doubtful label on which nothing was decided the class that the scan finds likelier.

    Args:
        selection: what was decided so far.
        dataset: the set.
        findings: of a scan of it.
        who: the reviewer.
    """
    found = findings.of_kind("doubtful_label")
    rows = np.setdiff1d(found["index"], selection.reviewed)
    if not len(rows):
        return selection
    likelier = findings.numbers["likelier_label"].to_numpy()[rows].astype(np.int64)
    names = dataset.as_given.class_names
    for label in np.unique(likelier):
        selection = selection.relabel(
            dataset,
            rows[likelier == label],
            names[label],
            who=who,
            why="doubtful label, as suggested by the scan",
        )
    return selection


def kind_table(findings: Findings, selection: Selection) -> pd.DataFrame:
    """How many rows each kind has, what is suggested, and on how many nothing was decided.

    Args:
        findings: of a set.
        selection: what was decided so far.

    Returns:
        A row per kind, in order: `kind`, `rows` (without the kept ones of groups), `share` of the set (0..1),
        `drop`, `review`, `listed`, `undecided`.
    """
    frame = findings.frame[findings.frame["suggested"] != "keep"]
    decided = frame["index"].isin(selection.reviewed)
    counted = frame.assign(
        rows=1,
        drop=frame["suggested"] == "drop",
        review=frame["suggested"] == "review",
        listed=frame["suggested"] == "list",
        undecided=~decided,
    )
    columns = ["rows", "drop", "review", "listed", "undecided"]
    table = counted.groupby("kind")[columns].sum().reindex(list(KINDS), fill_value=0).astype(int)
    table.insert(1, "share", table["rows"] / max(findings.rows, 1))
    return table.rename_axis("kind").reset_index()
