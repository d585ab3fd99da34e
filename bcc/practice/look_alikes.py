"""Two classes that look alike: their typical cells, those near the border, and how reliable a run is on the
pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes
from bcc.evaluation.predictions.set_answers import SetAnswers
from bcc.evaluation.robustness.chained import distort
from bcc.evaluation.robustness.laboratories import LABORATORIES
from bcc.practice.play import DISTORTION_SEED
from bcc.practice.rounds import Pool
from bcc.wilson import wilson

MADE_UP = next(one for one in LABORATORIES if one.name == "lilac and soft")
"""The made-up laboratory that a pair is tried in."""
CONDITIONS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "as they are": lambda image, row: image,
    "distorted": lambda image, row: distort(image, row, DISTORTION_SEED)[0],
    "in a made-up laboratory": MADE_UP,
}
"""How images are shown to the run, by name."""
LEAST_TOGETHER = 0.5
"""What a run must give the two classes together for a cell to be about this pair."""
Predict = Callable[[np.ndarray], np.ndarray]
"""Images uint8 (N, H, W, 3) to probabilities float (N, K)."""


@dataclass(frozen=True)
class PairRows:
    """Cells of two classes.

    Attributes:
        typical: per class, int64 rows nearest to the middle of their class.
        border: per class, int64 rows whose two probabilities are closest.
        crossed: per class, int64 rows that the run takes for the other class rather than their own, the
            surest
            first: hard cells, or wrong labels.
    """

    typical: tuple[np.ndarray, np.ndarray]
    border: tuple[np.ndarray, np.ndarray]
    crossed: tuple[np.ndarray, np.ndarray]


def rows_of(pool: Pool, name: str) -> np.ndarray:
    """The cells of a class: int64 (N,)."""
    places = [place for place, one in enumerate(pool.names) if one == name]
    return pool.rows[np.isin(pool.dataset.labels[pool.rows], places)]


def pair_rows(
    pool: Pool, answers: SetAnswers, run_classes: Sequence[str], first: str, second: str, count: int = 8
) -> PairRows | None:
    """Find the cells that say most about a pair.

    Args:
        pool: the cells.
        answers: of a run, about all rows of the dataset.
        run_classes: the run's classes.
        first, second: two classes of the pool.
        count: how many of each kind and class.

    Returns:
        `None` where the run does not know one of the classes.
    """
    places = class_places(pool.names, run_classes, first, second)
    if places is None:
        return None
    own = [rows_of(pool, name) for name in (first, second)]
    logs = np.log(np.maximum(answers.probabilities[:, places].astype(np.float64), 1e-12))
    gap = logs[:, 0] - logs[:, 1]
    # Between two classes that it both rules out a run may waver too: those cells are about other classes.
    about_pair = answers.probabilities[:, places].sum(axis=1) >= LEAST_TOGETHER
    border = []
    for rows in own:
        of_pair = rows[about_pair[rows]]
        border.append(of_pair[np.argsort(np.abs(gap[of_pair]), kind="stable")][:count])
    crossed = []
    for rows, towards_own in zip(own, (gap, -gap), strict=True):
        wrong = rows[(towards_own[rows] < 0) & about_pair[rows]]
        crossed.append(wrong[np.argsort(towards_own[wrong], kind="stable")][:count])
    typical = [_nearest_to_middle(answers.features, rows, count) for rows in own]
    return PairRows((typical[0], typical[1]), (border[0], border[1]), (crossed[0], crossed[1]))


def class_places(
    set_classes: Sequence[str], run_classes: Sequence[str], first: str, second: str
) -> list[int] | None:
    """Where a run has two classes; `None` where it does not know one of them.

    Args:
        set_classes: all classes of the dataset: where it or the run only numbers them, their order decides.
        run_classes: the run's.
        first, second: two of the dataset's.
    """
    try:
        to_run = match_classes(set_classes, run_classes).to_run
    except UserError:
        return None
    places = [int(to_run[list(set_classes).index(name)]) for name in (first, second)]
    return None if min(places) < 0 else places


def most_confused(pool: Pool, answers: SetAnswers, run_classes: Sequence[str]) -> tuple[str, str] | None:
    """The two classes that a run mixes up most on these cells, by the probability that it gives each instead
    of the other, as a share of the class; `None` where it knows fewer than two of them."""
    names = list(dict.fromkeys(name for name in pool.names if name))
    where = {name: class_places(pool.names, run_classes, name, name) for name in names}
    places = [found[0] for found in where.values() if found is not None]
    known = [name for name, found in where.items() if found is not None]
    if len(known) < 2:
        return None
    given = np.stack(
        [
            answers.probabilities[rows][:, places].mean(axis=0) if len(rows) else np.zeros(len(known))
            for rows in (rows_of(pool, name) for name in known)
        ]
    )
    mixed = np.triu(given + given.T, 1)
    first, second = np.unravel_index(int(mixed.argmax()), mixed.shape)
    return known[int(first)], known[int(second)]


def pair_reliability(
    predict: Predict,
    images: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray],
    places: Sequence[int],
    most: int = 60,
    seed: int = 0,
) -> pd.DataFrame:
    """How often a run is right between just these two classes: as cells are, distorted, in a made-up
    laboratory.

    Args:
        predict: the run.
        images: uint8 (N, H, W, 3), of the dataset.
        rows: cells of each class, which the run was not trained on.
        places: of the two classes among the run's.
        most: cells of each class to try.
        seed: which ones.

    Returns:
        `condition`, `n`, `right`, `share`, `low`, `high` (Wilson, 95 %), and `first` and `second`: the share
        of right answers of each class. Every class weighs what its cells do.
    """
    rng = np.random.default_rng(seed)
    chosen = [np.sort(rng.permutation(one)[:most]) for one in rows]
    every = np.concatenate(chosen)
    is_second = np.repeat([False, True], [len(one) for one in chosen])
    lines = []
    for name, shown in CONDITIONS.items():
        if not len(every):
            continue
        seen = np.stack([shown(np.asarray(images[row]), int(row)) for row in every])
        said = np.asarray(predict(seen))[:, list(places)]
        right = (said[:, 1] > said[:, 0]) == is_second
        low, high = wilson(np.array(right.mean()), np.array(len(right)))
        lines.append(
            {
                "condition": name,
                "n": len(right),
                "right": int(right.sum()),
                "share": float(right.mean()),
                "low": float(low),
                "high": float(high),
                "first": _mean(right[~is_second]),
                "second": _mean(right[is_second]),
            }
        )
    columns = ["condition", "n", "right", "share", "low", "high", "first", "second"]
    return pd.DataFrame(lines, columns=columns)


def _mean(right: np.ndarray) -> float:
    return float(right.mean()) if len(right) else float("nan")


def _nearest_to_middle(features: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    own = np.asarray(features[rows], np.float32)
    if not len(own):
        return rows
    # The median, so that cells with a wrong label do not pull the middle over.
    distance = np.linalg.norm(own - np.median(own, axis=0), axis=1)
    return rows[np.argsort(distance, kind="stable")][:count]
