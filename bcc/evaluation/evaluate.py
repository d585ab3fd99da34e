"""Score a run on a data set: its own split, or any other set, without fooling oneself.

Rows whose pixels the run was trained on are found by their hash, in whatever set they turn up, counted
and left out: a model that is asked about its own training pictures tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bcc.datasets import SPLITS, Dataset, among
from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes
from bcc.evaluation.measured import measure
from bcc.evaluation.metrics import about_absent
from bcc.evaluation.nearly_seen import near_copies_note
from bcc.evaluation.scores import scores
from bcc.runs import Run, read_first_rows

Choice = Literal["default", "all", "train", "validation", "test"]
"""Which rows to score; see `choose_rows`."""


FLATTERS = "Validation pictures also chose the best epoch, so that scores on them flatter."
"""Beside every score on them."""
NO_TEST_PICTURES = f"This run has no test pictures: the scores are about its validation pictures. {FLATTERS}"


@dataclass(frozen=True)
class ChosenRows:
    """Rows of a data set that a run is scored on.

    Attributes:
        rows: int64 (M,).
        labels: int64 (M,), positions in the run's classes, -1 for a class that it never saw.
        split: name of the split, or "all".
        seen: rows asked for that the run was trained on.
        left_out: whether those were left out.
        unknown_class_rows: rows among `rows` with label -1.
        notes: sentences that a person should read beside the numbers.
    """

    rows: np.ndarray
    labels: np.ndarray
    split: str
    seen: int
    left_out: bool
    unknown_class_rows: int
    notes: tuple[str, ...] = field(default=())


def seen_before_note(count: int, rows: int) -> str:
    """A sentence on rows that the first weights of a run have seen; empty where there are none."""
    if not count:
        return ""
    return (
        f"{count:,} of these {rows:,} pictures were seen by the weights that the run started from: its "
        "scores on them flatter it."
    )


def run_classes(run: Run) -> tuple[str, ...]:
    """Names of the classes that a run knows, in the order of its outputs."""
    return tuple(run.read_json(run.dataset)["class_names"])


def choose_rows(run: Run, dataset: Dataset, choice: Choice = "default") -> ChosenRows:
    """Pick the rows to score.

    "default" is the run's test split on its own data (validation where it has none), and all rows of
    any other set. Rows that the run was trained on are left out unless the choice is "all" or
    asks for the training rows by name.

    Raises:
        UserError: nothing is left to score, no class is shared, or another set has no such split.
    """
    info = run.read_json(run.dataset)
    sides, _ = run.read_split()
    own = dataset.fingerprint == info["fingerprint"]
    split, candidates = _candidates(dataset, choice, sides if own else dataset.split, own)

    seen = seen_in_training(run, dataset, candidates)
    left_out = bool(seen.any()) and choice not in ("all", "train")
    rows = candidates[~seen] if left_out else candidates
    if not len(rows):
        why = "every one of them was in its training split" if seen.any() else f"its {split} split is empty"
        raise UserError(f"There is nothing to score in '{dataset.source}' for run '{run.id}': {why}.")

    matching = match_classes(dataset.class_names, info["class_names"])
    labels = matching.labels(dataset.labels[rows])
    unknown = int((labels < 0).sum())
    notes = []
    if choice == "default" and split == "validation":
        notes.append(NO_TEST_PICTURES)
    elif own and split == "validation":
        notes.append(FLATTERS)
    if seen.any():
        fate = "left out" if left_out else "kept, as asked: the scores flatter the run"
        notes.append(f"{int(seen.sum()):,} rows have pixels that the run was trained on; they are {fate}.")
    if seen_before := int(among(dataset.row_hashes[rows], read_first_rows(run)).sum()):
        notes.append(seen_before_note(seen_before, len(rows)))
    if own and split in ("validation", "test") and (near := near_copies_note(run, split)):
        notes.append(near)
    if unknown:
        notes.append(
            f"{unknown:,} rows belong to classes that the run never saw ({', '.join(matching.unknown)}) "
            "and count as wrong."
        )
    if matching.by_position:
        notes.append("One side has no class names of its own, so classes were matched by their order.")
    return ChosenRows(rows, labels, split, int(seen.sum()), left_out, unknown, tuple(notes))


def evaluate(
    run: Run,
    dataset: Dataset,
    choice: Choice = "default",
    progress: Callable[[float, str], None] | None = None,
    views: str | None = None,
) -> dict[str, Any]:
    """Score a run.

    Args:
        run: a run with a model.
        dataset: its own data or any other; already preprocessed as the run wants it.
        choice: which rows.
        progress: called with (share done, sentence).
        views: look at each picture several times, as `bcc.evaluation.test_time` names it.

    Returns:
        `accuracy`, `macro_f1`, `n`, `per_class` (name -> precision, recall, f1, support), `split`,
        `unknown_class_rows`, `seen_rows`, `seen_rows_left_out`, `notes`, `intervals` (score -> both
        ends, 95 %), `about_absent` (which classes have no picture, in a sentence, or ""), `run`, `data`.

    Raises:
        UserError: see `choose_rows`; or the run has no readable model.
    """
    from bcc.evaluation.answering import load_asker
    from bcc.evaluation.test_time import TestTime, parse_views

    chosen = choose_rows(run, dataset, choice)
    wanted = parse_views(views) if views else None
    ask = load_asker(run)
    names = run_classes(run)
    probabilities = (TestTime(ask, wanted) if wanted else ask)(dataset.images, chosen.rows, progress)
    return {
        **scores(chosen.labels, probabilities, names),
        "intervals": {
            str(line.measure): [line.low, line.high]
            for line in measure(chosen.labels, probabilities, names).overall.dropna().itertuples()
        },
        "split": chosen.split,
        "unknown_class_rows": chosen.unknown_class_rows,
        "seen_rows": chosen.seen,
        "seen_rows_left_out": chosen.left_out,
        "notes": list(chosen.notes),
        "about_absent": about_absent(chosen.labels, names),
        "run": run.id,
        "data": {"source": dataset.source, "fingerprint": dataset.fingerprint},
        **({"views": views} if views else {}),
    }


def _candidates(
    dataset: Dataset, choice: Choice, sides: np.ndarray | None, own: bool
) -> tuple[str, np.ndarray]:
    """Name of the split, and its rows before those seen in training are left out."""
    everything = np.arange(len(dataset))
    if choice == "all" or (choice == "default" and not own):
        return "all", everything
    if sides is None:
        raise UserError(
            f"'{dataset.source}' is not the run's own data and brings no split: leave --split away to score "
            "all rows."
        )
    if choice == "default":
        choice = "test" if (sides == SPLITS.index("test")).any() else "validation"
    return choice, np.flatnonzero(sides == SPLITS.index(choice))


def seen_in_training(run: Run, dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Whether the run was trained on each row's pixels, wherever it had them from: bool (len(rows),)."""
    _, train_hashes = run.read_split()
    return among(dataset.row_hashes[rows], train_hashes)
