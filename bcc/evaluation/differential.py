"""The differential: how many cells of each class are among some images, and how sure the shares are.

Cells without a reliable answer (nothing found in the image, unlike the training set, unsure) are rows of
their own. Counts of a model are biased where it confuses classes, most of all for rare ones; `adjusted`
corrects them for the confusion that was measured on the run's own test images, by the
expectation-maximisation of Richardson and Lucy, also known as iterative unfolding (D'Agostini, "A
multidimensional unfolding method based on Bayes' theorem", NIM A 362, 1995). It assumes that the run errs
here as it did there, which does not hold in another laboratory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.datasets import CLASS_PRESETS
from bcc.wilson import wilson

NO_CELL, UNFAMILIAR, UNSURE = "no cell", "unfamiliar", "unsure"
OTHERS = (NO_CELL, UNFAMILIAR, UNSURE)
"""Rows for cells without a reliable answer; a reviewer's correction takes a cell out of them."""
NOT_LEUKOCYTES = ("erythroblast", "platelet")
"""Classes of the preset `pbc` that a differential leaves out of its hundred."""
RUEMKE = (100, 200, 500, 1000)
"""How many cells laboratories count; Ruemke's table gives the interval of a share for each."""
_STEPS = 300
_DRAWS = 400


@dataclass(frozen=True)
class Differential:
    """Counts of some cells.

    Attributes:
        table: a line per class: `class`, `count`, `share` (of all counted cells, 0..1) with `low` and `high`
            (95 %, Wilson), `share_of_leukocytes` (NaN for other cells, and where the classes are not those
            of a smear), and, where the run's confusion is known, `adjusted` (cells), `adjusted_share`,
            `adjusted_low`, `adjusted_high`.
        others: "no cell", "unfamiliar" and "unsure" -> how many.
        corrected: cells whose class a reviewer gave.
        erythroblasts_per_100: nucleated red cells per 100 leukocytes, `None` where that cannot be said.
        notes: what to know beside the numbers, a sentence each.
    """

    table: pd.DataFrame
    others: dict[str, int]
    corrected: int
    erythroblasts_per_100: float | None
    notes: tuple[str, ...]

    @property
    def counted(self) -> int:
        """Cells with a class."""
        return int(self.table["count"].sum())

    @property
    def total(self) -> int:
        """All images."""
        return self.counted + sum(self.others.values())


@dataclass(frozen=True)
class Confusion:
    """How a run answers about cells whose class is known.

    Attributes:
        counts: float (K, K + 1): per true class the answers per class, unsure ones in the last column.
        source: where it was measured, in words.
    """

    counts: np.ndarray
    source: str


def confusion_of(
    labels: np.ndarray, probabilities: np.ndarray, unsure_below: float, source: str
) -> Confusion:
    """Count a run's answers about images whose class is known.

    Args:
        labels: int64 (N,), positions, -1 for other classes.
        probabilities: float (N, K), calibrated.
        unsure_below: confidence below which an answer is unsure.
        source: where this was measured, in words.
    """
    classes = probabilities.shape[1]
    called = np.where(probabilities.max(axis=1) < unsure_below, classes, probabilities.argmax(axis=1))
    known = labels >= 0
    counts = np.zeros((classes, classes + 1))
    np.add.at(counts, (labels[known], called[known]), 1)
    return Confusion(counts, source)


def count_cells(
    probabilities: np.ndarray,
    class_names: Sequence[str],
    *,
    unsure_below: float = 0.0,
    strange: np.ndarray | None = None,
    held: np.ndarray | None = None,
    corrections: Mapping[int, str] | None = None,
    confusion: Confusion | None = None,
    seed: int = 0,
) -> Differential:
    """Count cells.

    Args:
        probabilities: float (N, K), calibrated.
        class_names: K names.
        unsure_below: confidence below which a cell is counted as unsure.
        strange: bool (N,), cells unlike the training set.
        held: bool (N,), images in which a cell was found.
        corrections: image -> class, as a reviewer decided; a class that is no name of the run counts too.
        confusion: of the run, to adjust the counts.
        seed: of the intervals of the adjusted shares.
    """
    corrections = dict(corrections or {})
    n, classes = probabilities.shape
    called = probabilities.argmax(axis=1) if n else np.zeros(0, np.int64)
    fate = np.where(
        probabilities.max(axis=1, initial=0) < unsure_below, classes + OTHERS.index(UNSURE), called
    )
    if strange is not None:
        fate = np.where(strange, classes + OTHERS.index(UNFAMILIAR), fate)
    if held is not None:
        fate = np.where(held, fate, classes + OTHERS.index(NO_CELL))
    by_run = np.ones(n, bool)
    by_run[list(corrections)] = False
    names = [*class_names, *sorted(set(corrections.values()) - set(class_names))]
    seen = np.bincount(fate[by_run], minlength=classes + len(OTHERS))
    reviewed = np.array([sum(one == name for one in corrections.values()) for name in names], np.int64)
    counts = reviewed.copy()
    counts[:classes] += seen[:classes]
    others = {name: int(seen[classes + at]) for at, name in enumerate(OTHERS)}
    table = _shares(names, counts)
    notes = []
    if confusion is not None and n:
        observed = np.append(seen[:classes], others[UNSURE])
        table = _with_adjusted(table, observed, reviewed, confusion, seed)
        notes.append(
            f"Adjusted counts are corrected for the confusion measured on {confusion.source}, unsure cells "
            "shared out; they hold only where the run errs as it did there."
        )
    per_100 = None
    if set(CLASS_PRESETS["pbc"]) <= set(names):
        table, per_100 = _of_leukocytes(table)
        notes.append(f"Leukocytes are all classes but {' and '.join(NOT_LEUKOCYTES)}.")
    if 0 < counts.sum() < RUEMKE[0]:
        notes.append(
            f"Fewer than {RUEMKE[0]} cells were counted: shares are uncertain, as their intervals show."
        )
    return Differential(table, others, len(corrections), per_100, tuple(notes))


def _shares(names: Sequence[str], counts: np.ndarray) -> pd.DataFrame:
    total = int(counts.sum())
    share = counts / total if total else np.full(len(counts), np.nan)
    low, high = wilson(share, np.full(len(counts), total))
    return pd.DataFrame({"class": list(names), "count": counts, "share": share, "low": low, "high": high})


def _of_leukocytes(table: pd.DataFrame) -> tuple[pd.DataFrame, float | None]:
    white = table["class"].isin(CLASS_PRESETS["pbc"]) & ~table["class"].isin(NOT_LEUKOCYTES)
    total = int(table.loc[white, "count"].sum())
    share = np.where(white & (total > 0), table["count"] / max(total, 1), np.nan)
    nucleated_red = int(table.loc[table["class"] == "erythroblast", "count"].sum())
    return table.assign(share_of_leukocytes=share), 100 * nucleated_red / total if total else None


def _with_adjusted(
    table: pd.DataFrame, observed: np.ndarray, reviewed: np.ndarray, confusion: Confusion, seed: int
) -> pd.DataFrame:
    """Add adjusted counts with intervals from draws of both the counts and the confusion."""
    classes = len(observed) - 1
    counts = confusion.counts + np.eye(
        classes, classes + 1
    )  # One right answer more, so that no class is empty.
    n = int(observed.sum())
    rng = np.random.default_rng(seed)
    found = unfold(observed[None], (counts / counts.sum(axis=1, keepdims=True))[None])[0]
    drawn_counts = (
        rng.multinomial(n, observed / max(n, 1), _DRAWS) if n else np.zeros((_DRAWS, len(observed)))
    )
    # A half in every field (Jeffreys): a confusion that was never seen may happen all the same.
    answers = rng.standard_gamma(counts + 0.5 / counts.shape[1], (_DRAWS, *counts.shape))
    drawn = unfold(drawn_counts, answers / answers.sum(axis=2, keepdims=True))
    extra = np.zeros(len(table))
    extra[:classes] = found
    spread = np.zeros((_DRAWS, len(table)))
    spread[:, :classes] = drawn
    adjusted, spread = extra + reviewed, spread + reviewed
    total = max(adjusted.sum(), 1e-9)
    low, high = np.quantile(
        spread / np.maximum(spread.sum(axis=1, keepdims=True), 1e-9), [0.025, 0.975], axis=0
    )
    share = adjusted / total
    return table.assign(
        adjusted=adjusted,
        adjusted_share=share,
        adjusted_low=np.minimum(low, share),
        adjusted_high=np.maximum(high, share),
    )


def unfold(observed: np.ndarray, answers: np.ndarray, steps: int = _STEPS) -> np.ndarray:
    """The most likely true counts behind observed answers.

    Args:
        observed: float (B, J), how often each answer was given.
        answers: float (B, K, J), chance of each answer for each true class, rows sum to 1.
        steps: of the expectation-maximisation, from equal shares.

    Returns:
        float (B, K), at least 0, each line with the sum of its observed counts.
    """
    batch, classes, _ = answers.shape
    total = observed.sum(axis=1, keepdims=True)
    true = np.broadcast_to(total / classes, (batch, classes)).astype(np.float64)
    for _ in range(steps):
        expected = np.einsum("bk,bkj->bj", true, answers)
        ratio = np.divide(observed, expected, out=np.zeros_like(expected), where=expected > 0)
        true = true * np.einsum("bkj,bj->bk", answers, ratio)
    return true


def ruemke_table(shares: Sequence[float] = (0.01, 0.05, 0.1, 0.2, 0.5)) -> pd.DataFrame:
    """How far a share may be off by the number of cells counted, after Ruemke (1977), with Wilson's
    intervals.

    Returns:
        A line per share: `share` and, for 100, 200, 500 and 1000 cells, a text such as "0 to 5 %".
    """
    lines = []
    for share in shares:
        line: dict[str, object] = {"share": share}
        for n in RUEMKE:
            low, high = wilson(np.array(share), np.array(n))
            line[f"{n} cells"] = f"{100 * float(low):.1f} to {100 * float(high):.1f} %"
        lines.append(line)
    return pd.DataFrame(lines)
