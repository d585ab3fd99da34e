"""Images that occur more than once, pixel for pixel."""

from __future__ import annotations

import numpy as np

from bcc.quality.context import Check, Result, ScanContext, names_of
from bcc.quality.findings import findings_frame
from bcc.specs import option


class ExactDuplicates(Check):
    """Groups of equal images under one label (one is kept), and under several (no label is certain)."""

    crowd: int = option(8, "Copies from which on an image that stands out is no image of the set", ge=3)
    fewest: int = option(40, "Distinct images that a set needs for one of them to stand out", ge=2)
    crowds_share: float = option(
        0.005, "Largest share of images repeated that often for them to stand out", ge=0, le=1
    )

    @property
    def name(self) -> str:
        """Name of the check."""
        return "exact duplicates"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of findings that it reports."""
        return ("exact_duplicate", "conflicting_duplicate")

    def run(self, context: ScanContext) -> Result:
        """Group the rows by the hash of their pixels."""
        labels, groups, copies = context.dataset.labels, context.groups, context.copies
        conflicting = context.conflicting
        # A set that was oversampled by copying has many images with many copies: those are no strangers.
        crowded = copies >= self.crowd
        few = crowded.sum() <= max(3, self.crowds_share * len(copies)) and len(copies) >= self.fewest
        strangers = crowded & few
        context.suspects |= strangers

        rows = np.flatnonzero(copies[groups] > 1)
        rows = rows[np.argsort(-copies[groups[rows]], kind="stable")]
        group = groups[rows]
        first = context.rows[group] == rows
        suggested = np.where(conflicting[group], "review", np.where(first, "keep", "drop"))
        suggested = np.where(strangers[group], "drop", suggested)
        kind = np.where(conflicting[group], "conflicting_duplicate", "exact_duplicate")
        score = np.where(suggested == "keep", 1.0, 1 / copies[group])
        words = {
            int(one): ", ".join(names_of(np.unique(labels[groups == one]), context))
            for one in np.unique(group[conflicting[group]])
        }
        detail = [
            self._sentence(int(row), int(one), context, words.get(int(one)), bool(strangers[one]))
            for row, one in zip(rows, group, strict=True)
        ]
        numbers = {"copies": context.spread(copies).astype(float)}
        conflict = context.spread(conflicting)
        fine = np.where(np.arange(len(groups)) == context.rows[groups], 1.0, 1 / copies[groups])
        scores = {
            "exact_duplicate": np.where(conflict, 1.0, fine),
            "conflicting_duplicate": np.where(conflict, 1 / copies[groups], 1.0),
        }
        return Result(findings_frame(rows, kind, score, suggested, detail, group), scores, numbers)

    def _sentence(self, row: int, group: int, context: ScanContext, labels: str | None, crowd: bool) -> str:
        count, first = int(context.copies[group]), int(context.rows[group])
        if labels is not None:
            text = f"The same image is there {count:,} times under different labels: {labels}."
        elif row == first:
            text = f"The same image is there {count:,} times; this is the first."
        else:
            text = f"The same image is there {count:,} times; row {first} is the first."
        return text + (" Nothing else is repeated so often: hardly an image of the set." if crowd else "")
