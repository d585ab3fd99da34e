"""Images from another stain or microscope than most of the dataset.

A model learns the colours of cells from the dataset itself, other stains from recoloured images, and other
exposures of the same cells as belonging to the dataset. Images that are far from every class by colour alone
are not used for training.

The model may accept a few dozen images from one other microscope, since it was trained on some of them. So
two plain distances are used as well: how far the light of the background leans from the set's, and how far
the colours of cell and background together lie from every class.
"""

from __future__ import annotations

import numpy as np

from bcc.quality.colours import (
    LIGHT_RATIOS,
    STAIN_COLUMNS,
    background_light,
    band_numbers,
    light_deviations,
    stain_numbers,
)
from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.findings import findings_frame
from bcc.quality.recoloured import exposed, recoloured
from bcc.quality.robust import Usual, score_beyond
from bcc.quality.strangers import chance_of_strangers, forest
from bcc.specs import option

FEWEST = 24
"""With fewer distinct images there is no "most of the set"."""


class OtherStain(Check):
    """Learns the dataset's colours against other stains; judges each image by a model not trained on it."""

    limit: float = option(0.54, "Probability of another stain from which on an image has one", gt=0, lt=1)
    sure: float = option(0.8, "Probability from which on dropping is suggested", gt=0, lt=1)
    far: float = option(
        4.0,
        "Times the set's usual distance from the nearest class from which on an image has another stain "
        "and nothing is learned from it",
        gt=0,
    )
    light: float = option(
        7.0, "Spreads from the set's usual light of the background from which on an image has another", gt=0
    )
    floor: float = option(0.005, "Smallest spread of a colour within a class", gt=0)
    made_up: int = option(1000, "Most recoloured images to learn from", ge=80, le=10_000)

    def _deviations(self, numbers: np.ndarray, usual: list[Usual], labels: np.ndarray) -> np.ndarray:
        return np.stack(
            [one.deviation(column, labels, self.floor) for one, column in zip(usual, numbers.T, strict=True)],
            axis=1,
        )

    @property
    def name(self) -> str:
        """Name of the check."""
        return "other stain"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of findings that it reports."""
        return ("other_stain",)

    def run(self, context: ScanContext) -> Result:
        """Compare the colours of every image with those of every class."""
        numbers = stain_numbers(context.measures)
        usual = [Usual.of(column, context.labels) for column in numbers.T]
        far = self._deviations(numbers, usual, context.labels)
        distance, chance = np.zeros(len(far)), np.zeros(len(far))
        if len(far) >= FEWEST:
            distance = self._distances(numbers, usual, far, context)
            chance = self._chances(distance, context)
        light = background_light(context.measures.samples)
        leaning = light_deviations(light) if len(far) >= FEWEST else np.zeros((len(far), 3))
        apart = np.abs(leaning).max(axis=1)
        beyond = np.maximum(distance / self.far, apart / self.light)
        found = (chance >= self.limit) | (beyond >= 1)
        context.suspects |= found
        score = np.where(
            chance < self.limit, 1 - 0.5 * chance / self.limit, 0.5 * (1 - chance) / (1 - self.limit)
        )
        score = np.minimum(score, score_beyond(beyond, 1.0))
        rows = context.all_rows(found)
        line = context.groups[rows]
        suggested = np.where(chance[line] >= self.sure, "drop", "review")
        detail = [
            _light_sentence(leaning[place], light[place], light)
            if apart[place] >= self.light
            else f"Coloured otherwise than most of the set ({chance[place]:.0%}), above all its "
            f"{_part(STAIN_COLUMNS[one])}."
            for place, one in zip(line, np.abs(far[line]).argmax(axis=1), strict=True)
        ]
        return Result(
            findings_frame(rows, "other_stain", score[line], suggested, detail),
            {"other_stain": context.spread(score)},
            {
                "other_stain_probability": context.spread(chance),
                "stain_distance": context.spread(distance),
                "background_light_distance": context.spread(apart),
            }
            | {name: context.spread(column) for name, column in zip(STAIN_COLUMNS, numbers.T, strict=True)},
        )

    def _distances(
        self, numbers: np.ndarray, usual: list[Usual], far: np.ndarray, context: ScanContext
    ) -> np.ndarray:
        """How far each image's colours lie from the nearest class, in usual distances: float64 (D,)."""
        shape = _inverse_covariance(far)
        distance = _length(far, shape)
        # A wrong label is not another stain: the nearest class counts.
        for label in np.unique(context.labels):
            as_if = self._deviations(numbers, usual, np.full(len(far), label))
            distance = np.minimum(distance, _length(as_if, shape))
        # Small sets know their classes less well, and everything lies nearer to them.
        return distance / max(float(np.median(distance)), 0.5)

    def _chances(self, distance: np.ndarray, context: ScanContext) -> np.ndarray:
        """Probability that each image has another stain, float64 (D,)."""
        context.progress(0.3, "Learning the colours of this set")
        samples = context.measures.samples
        trusted = ~context.suspects & (distance < self.far)
        if trusted.sum() < FEWEST:
            trusted = np.ones(len(distance), bool)
        rng = np.random.default_rng((context.seed, 4))
        # Drawn evenly from the classes, so that a rare class is not strange.
        weight = trusted / np.bincount(context.labels, trusted)[context.labels].clip(1)
        count = min(self.made_up, max(80, len(distance) // 4))
        chosen = rng.choice(len(distance), (2, count), p=weight / weight.sum())
        return chance_of_strangers(
            band_numbers(samples),
            band_numbers(recoloured(samples[chosen[0]], context.seed)),
            band_numbers(exposed(samples[chosen[1, : count // 2]], context.seed)),
            trusted,
            (forest(30), forest(60)),
            rng,
            lambda share: context.progress(0.4 + 0.6 * share, "Learning the colours of this set"),
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


def _light_sentence(leaning: np.ndarray, light: np.ndarray, every: np.ndarray) -> str:
    """Which two channels of the background lean most, and by how much."""
    one = int(np.abs(leaning).argmax())
    name, upper, lower = LIGHT_RATIOS[one]
    ratio = (light[upper] + 1) / (light[lower] + 1)
    usual = float(np.median((every[:, upper] + 1) / (every[:, lower] + 1)))
    return (
        f"The light of its background is another than in most of the set: {name} is {ratio:.2f}, usually "
        f"{usual:.2f}, which is {abs(leaning[one]):.0f} usual spreads away."
    )


def _part(column: str) -> str:
    return column.split("_")[0].replace("foreground", "cell").replace("nucleus", "darkest part")
