"""The same cell in images that differ: recompressed, shifted, brighter, rotated, mirrored, cropped."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bcc.quality.candidate_pairs import candidates
from bcc.quality.context import Check, Result, ScanContext, names_of
from bcc.quality.findings import findings_frame
from bcc.quality.measures import SMALL
from bcc.quality.registration import best_turns, same_detail, same_detail_rotated
from bcc.quality.rotations import best_rotations, rotated_candidates
from bcc.specs import option


class NearDuplicates(Check):
    """Finds similar images, aligns them and compares their fine detail."""

    detail: float = option(
        0.89, "Correlation of the fine detail from which on two images are one", ge=0, le=1
    )
    resemblance: float = option(
        0.85, "Correlation of the small copies from which on two images are compared closely", ge=0, le=1
    )
    fit: float = option(
        0.78,
        "Correlation of the small copies that two images of equal description need to be compared closely; "
        "others need more",
        ge=0,
        le=1,
    )
    rings: float = option(
        0.93,
        "Correlation of the rings about both cells from which on a rotation is tried",
        ge=0,
        le=1,
    )
    along_rings: float = option(
        0.7,
        "The same without the mean of each ring, which two round nuclei share",
        ge=0,
        le=1,
    )
    equality: float = option(0.93, "Correlation from which on the colours need not resemble", ge=0, le=1)
    hue: float = option(0.15, "Largest difference in how dark the cell is in a channel, as a logarithm", gt=0)

    @property
    def name(self) -> str:
        """Name of the check."""
        return "near duplicates"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of findings that it reports."""
        return ("near_duplicate",)

    def run(self, context: ScanContext) -> Result:
        """Group the distinct images that show the same cell."""
        measures, count = context.measures, len(context.rows)
        context.progress(0.3, "Searching for similar images")
        pairs, apart = candidates(measures.small, context.seed)
        height, turn, shift = best_turns(measures.small, pairs)
        alike = self.worth_comparing(height, apart, self._plausible(context, pairs))
        pairs, turn, shift = pairs[alike], turn[alike], shift[alike]
        context.progress(0.7, f"Comparing {len(pairs):,} pairs of similar images")
        _, agreed = same_detail(context.dataset.images, context.rows[pairs], turn, shift, SMALL)
        same = agreed >= self.detail
        pairs, agreed = pairs[same], agreed[same]
        context.progress(0.85, "Looking for rotated copies")
        rotated, of_rotated = self._rotated(context, pairs)
        pairs, agreed = np.concatenate([pairs, rotated]), np.concatenate([agreed, of_rotated])

        link = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
        _, group = connected_components(link, directed=False)
        context.cells = group
        closest = np.zeros(count)
        for column in (0, 1):
            np.maximum.at(closest, pairs[:, column], agreed)
        found = np.flatnonzero(np.bincount(group)[group] > 1)
        first = np.full(count, len(context.dataset), np.int64)
        np.minimum.at(first, group[found], context.rows[found])
        first = first[group]
        labels = context.labels
        lowest, highest = np.full(count, labels.max(initial=0)), np.zeros(count, labels.dtype)
        np.minimum.at(lowest, group, labels)
        np.maximum.at(highest, group, labels)
        conflict = (lowest != highest)[group]

        kept = context.rows == first
        suggested = np.where(conflict, "review", np.where(kept, "keep", "drop"))
        # A copy that goes is not judged any further; the one that stays is.
        context.suspects[found] |= suggested[found] == "drop"
        score = np.where(kept & ~conflict, 1.0, (1 - closest) / (2 * (1 - self.detail)))
        detail = [self._sentence(int(one), int(first[one]), bool(conflict[one]), context) for one in found]
        numbers = np.full(count, 0.0)
        numbers[found] = closest[found]
        frame = findings_frame(
            context.rows[found], "near_duplicate", score[found], suggested[found], detail, first[found]
        )
        scores = np.where(closest > 0, np.clip(score, 0, 1), 1.0)
        return Result(
            frame,
            {"near_duplicate": context.spread(scores)},
            {"nearest_detail_correlation": context.spread(numbers)},
        )

    def worth_comparing(self, height: np.ndarray, apart: np.ndarray, plausible: np.ndarray) -> np.ndarray:
        """Select the pairs that are compared in detail.

        Args:
            height: float (P,), correlation of the small copies where they fit best.
            apart: float (P,), how far apart their descriptions are, 1 being usual in the set.
            plausible: bool (P,), whether their colours resemble.

        Returns:
            bool (P,).
        """
        alike = (height >= self.resemblance) & plausible | (height >= self.equality)
        # The farther apart two descriptions are, the better the images must fit.
        alike &= height >= self.fit + apart / 3
        return np.asarray(alike)

    def _rotated(self, context: ScanContext, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pairs that are one image under a rotation by any angle, and how well their detail agrees.

        Args:
            known: int64 (P, 2), pairs that need no further comparison.
        """
        small, count = context.measures.small, len(context.rows)
        pairs = rotated_candidates(small, context.seed)
        pairs = pairs[~np.isin(pairs @ [count, 1], known @ [count, 1])]
        best = best_rotations(small, pairs)
        alike = (best.height >= self.rings) & (best.along >= self.along_rings)
        alike &= self._plausible(context, pairs)
        pairs = pairs[alike]
        _, agreed = same_detail_rotated(
            context.dataset.images, context.rows[pairs], best.mirrored[alike], best.moves[alike], SMALL
        )
        same = agreed >= self.detail
        return pairs[same], agreed[same]

    def _plausible(self, context: ScanContext, pairs: np.ndarray) -> np.ndarray:
        """Pairs whose cells lean to the same colour, whatever the brightness and the border."""
        measures = context.measures
        darkness = np.stack(
            [
                np.log((measures[f"foreground_{one}"] + 5) / (measures[f"background_{one}"] + 5))
                for one in ("red", "green", "blue")
            ],
            axis=1,
        )
        hue = darkness - darkness.mean(axis=1, keepdims=True)
        apart = np.abs(hue[pairs[:, 0]] - hue[pairs[:, 1]]).max(axis=1, initial=0)
        plausible: np.ndarray = apart < self.hue
        return plausible

    def _sentence(self, one: int, first: int, conflict: bool, context: ScanContext) -> str:
        row = int(context.rows[one])
        if conflict:
            label = names_of(context.labels[one : one + 1], context)[0]
            return f"The same cell is there under different labels; this one is called {label}."
        if row == first:
            return "The same cell is there again, slightly changed; this is the first."
        return f"The same cell as in row {first}, slightly changed."
