"""Pictures from another stain or microscope than most of the set."""

from __future__ import annotations

import numpy as np

from bcc.quality.colours import STAIN_COLUMNS, stain_numbers
from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.findings import findings_frame
from bcc.quality.robust import Usual, score_beyond
from bcc.specs import option

FEWEST = 12
"""With fewer distinct pictures there is no "most of the set"."""


class OtherStain(Check):
    """How far the colours of background, cell and nucleus together lie from those of the nearest class."""

    limit: float = option(
        4.2, "Times the set's usual distance from which on a picture is another stain", gt=0
    )
    floor: float = option(0.02, "Smallest spread of a colour within a class", gt=0)
    far_beyond: float = option(2.0, "Times the limit from which on dropping is suggested", ge=1)

    def _deviations(self, numbers: np.ndarray, usual: list[Usual], labels: np.ndarray) -> np.ndarray:
        return np.stack(
            [one.deviation(column, labels, self.floor) for one, column in zip(usual, numbers.T, strict=True)],
            axis=1,
        )

    @property
    def name(self) -> str:
        """How the check is called."""
        return "other stain"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of findings that it makes."""
        return ("other_stain",)

    def run(self, context: ScanContext) -> Result:
        """Compare the colours of every picture with those of every class."""
        numbers = stain_numbers(context.measures)
        usual = [Usual.of(column, context.labels) for column in numbers.T]
        far = self._deviations(numbers, usual, context.labels)
        distance = np.zeros(len(far))
        if len(far) >= FEWEST:
            shape = _inverse_covariance(far)
            distance = _length(far, shape)
            # A wrong label is not another stain: the nearest class counts.
            for label in np.unique(context.labels):
                as_if = self._deviations(numbers, usual, np.full(len(far), label))
                distance = np.minimum(distance, _length(as_if, shape))
            # Small sets know their classes less well, and everything lies nearer to them.
            distance /= max(float(np.median(distance)), 0.5)
        context.suspects |= distance >= self.limit
        score = score_beyond(distance, self.limit)
        rows = context.all_rows(distance >= self.limit)
        line = context.groups[rows]
        suggested = np.where(distance[line] >= self.far_beyond * self.limit, "drop", "review")
        detail = [
            f"Its {_part(STAIN_COLUMNS[one])} is coloured otherwise than in most of the set "
            f"({distance[place]:.1f} times the usual distance; {self.limit:g} is the limit)."
            for place, one in zip(line, np.abs(far[line]).argmax(axis=1), strict=True)
        ]
        return Result(
            findings_frame(rows, "other_stain", score[line], suggested, detail),
            {"other_stain": context.spread(score)},
            {"stain_distance": context.spread(distance)}
            | {name: context.spread(column) for name, column in zip(STAIN_COLUMNS, numbers.T, strict=True)},
        )


def _inverse_covariance(far: np.ndarray) -> np.ndarray:
    """How deviations go together, once cut at three spreads so that outliers do not shape it.

    Raymaekers and Rousseeuw, "Fast robust correlation for high-dimensional data", Technometrics 2021.
    """
    cut = np.clip(far, -3, 3)
    return np.asarray(np.linalg.inv(np.cov(cut.T) + 0.05 * np.eye(far.shape[1])))


def _length(far: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Mahalanobis length of each row."""
    length: np.ndarray = np.sqrt(np.einsum("ni,ij,nj->n", far, shape, far))
    return length


def _part(column: str) -> str:
    return column.split("_")[0].replace("foreground", "cell").replace("nucleus", "darkest part")
