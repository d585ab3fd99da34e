"""Images that are not cells, even where each occurs only once.

A model learns cells from the dataset itself, and everything else from synthetic images; badly taken cells
(dark, light, flat, blurred, tinted) count as cells, so that bad exposure is not mistaken for a stray image.
Its inputs are plain measurements and how rare an image's colours are; it never judges an image that it was
trained on. Images that look strange at first are left out when it is trained again, because the dataset may
hold strays.

Several strays of one kind may still pass as cells, since the model is trained on some of them. So a plain
distance is used as well: how far all measurements lie from what is usual in any class.
"""

from __future__ import annotations

import numpy as np

from bcc.quality.badly_taken import badly_taken
from bcc.quality.colours import colour_numbers, images_with, rarity
from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.counterfeits import counterfeits
from bcc.quality.findings import findings_frame
from bcc.quality.measures import Measures, at_96, measure, measure_seams
from bcc.quality.robust import Usual, score_beyond
from bcc.quality.strangers import chance_of_strangers, forest, linear
from bcc.specs import option

FEWEST = 24
"""With fewer distinct images the appearance of the cells cannot be learned."""


_CUT = 20.0


class NotACell(Check):
    """Learns cells against synthetic images; judges each image by a model that was not trained on it."""

    limit: float = option(0.39, "Probability of being no cell from which on an image is one", gt=0, lt=1)
    sure: float = option(0.8, "Probability from which on dropping is suggested", gt=0, lt=1)
    plain: float = option(4.0, "Grey levels of contrast up to which an image is plain", ge=0)
    far: float = option(
        8.0, "Times the set's usual distance from the nearest class from which on an image is no cell", gt=0
    )
    made_up: int = option(1200, "Most synthetic images to learn from", ge=80, le=10_000)

    @property
    def name(self) -> str:
        """Name of the check."""
        return "not a cell"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of findings that it reports."""
        return ("not_a_cell",)

    def run(self, context: ScanContext) -> Result:
        """Judge every distinct image."""
        measures = context.measures
        colours = colour_numbers(measures.samples)
        occurrences = images_with(colours)
        rare = rarity(colours, occurrences, len(colours), own=True)
        plain = measures["contrast"] <= self.plain
        chance, beyond = np.zeros(len(context.rows)), np.zeros(len(context.rows))
        if len(context.rows) >= FEWEST:
            cues = _cues(measures, context.seams, rare)
            # What was badly taken lies far away too, and was called that already.
            beyond = np.where(context.suspects, 0, _distances(cues, context.labels) / self.far)
            strange, bad = self._examples(context, occurrences)
            trusted = ~context.suspects if (~context.suspects).sum() >= FEWEST else np.ones(len(cues), bool)
            chance = chance_of_strangers(
                cues,
                strange,
                bad,
                trusted,
                (linear, forest(30), forest(110)),
                np.random.default_rng((context.seed, 2)),
                lambda share: context.progress(
                    0.4 + 0.6 * share, "Learning the appearance of the cells of this dataset"
                ),
            )
        chance = np.where(plain, 1.0, chance)
        score = np.where(
            chance < self.limit,
            1 - 0.5 * chance / self.limit,
            0.5 * (1 - chance) / (1 - self.limit),
        )
        score = np.minimum(score, score_beyond(beyond, 1.0))
        found = (chance >= self.limit) | (beyond >= 1)
        context.suspects |= found
        rows = context.all_rows(found)
        line = context.groups[rows]
        suggested = np.where(chance[line] >= self.sure, "drop", "review")
        detail = [
            self._sentence(bool(plain[one]), float(rare[one, 2]), float(chance[one]))
            if chance[one] >= self.limit
            else f"Lies {self.far * beyond[one]:.0f} times as far from every class as images usually do."
            for one in line
        ]
        return Result(
            findings_frame(rows, "not_a_cell", score[line], suggested, detail),
            {"not_a_cell": context.spread(score)},
            {
                "not_a_cell_probability": context.spread(chance),
                "rare_colours": context.spread(rare[:, 2].astype(float)),
            },
            certain=plain,
        )

    def _sentence(self, plain: bool, rare: float, chance: float) -> str:
        if plain:
            return "One plain colour, nothing on it."
        text = f"Looks less like the cells of this set than like something else ({chance:.0%})"
        return text + (
            f"; {rare:.0%} of it has colours that hardly any other image has." if rare > 0.02 else "."
        )

    def _examples(self, context: ScanContext, occurrences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features of synthetic images and of badly taken cells, both made from cells of the dataset."""
        context.progress(0.3, "Making up images that are no cells")
        rng = np.random.default_rng((context.seed, 1))
        # Drawn evenly from the classes, so that a rare class is not strange.
        weight = 1 / np.bincount(context.labels)[context.labels]
        # More strangers than cells would make strangers of the cells.
        count = min(self.made_up, max(80, len(context.rows) // 5))
        chosen = rng.choice(len(context.rows), (2, count), p=weight / weight.sum())
        made = []
        for change, lines in zip((counterfeits, badly_taken), chosen, strict=True):
            cells = np.stack([at_96(context.dataset.images[row]) for row in context.rows[lines]])
            changed = change(cells, context.seed)
            taken, seams = measure(changed, np.arange(count)), measure_seams(changed, np.arange(count))
            numbers = colour_numbers(taken.samples)
            rare = rarity(numbers, occurrences, len(context.rows), own=False)
            made.append(_cues(taken, seams, rare))
        return made[0], made[1]


def _distances(cues: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How far each image lies from the nearest class, in the set's usual distances: float64 (N,).

    The root mean square of its deviations, each cut at `_CUT` spreads so that no single number decides.
    """
    columns = cues.astype(np.float64).T
    # A number that is nearly the same everywhere makes no faults of nothing.
    floors = [0.05 * float(np.subtract(*np.quantile(column, [0.95, 0.05]))) + 1e-6 for column in columns]
    usual = [Usual.of(column, labels) for column in columns]
    distance = np.full(len(cues), np.inf)
    for label in np.unique(labels):
        everywhere = np.full(len(cues), label)
        squares = np.zeros(len(cues))
        for one, column, floor in zip(usual, columns, floors, strict=True):
            squares += np.minimum(np.abs(one.deviation(column, everywhere, floor)), _CUT) ** 2
        distance = np.minimum(distance, np.sqrt(squares / len(columns)))
    return distance / max(float(np.median(distance)), 0.5)


def _cues(measures: Measures, seams: np.ndarray, rare: np.ndarray) -> np.ndarray:
    """Features of each image for the model: float32 (N, C)."""
    fine, medium, coarse = (measures[name] + 0.05 for name in ("fine", "medium", "coarse"))
    leaning = [
        measures[f"{part}_{channel}"] - measures[f"{part}_green"]
        for part in ("foreground", "background")
        for channel in ("red", "blue")
    ]
    more = [
        np.log(fine / medium),
        np.log(medium / coarse),
        np.log((measures["edges"] + 1) / (fine + 0.5)),
        *leaning,
    ]
    return np.column_stack([measures.numbers, seams, *more, rare]).astype(np.float32)
