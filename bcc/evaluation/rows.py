"""Which rows a run is scored on, and which of them its model has seen, exactly, nearly or in earlier weights.

Rows whose pixels the run was trained on are found by their hash, in whatever set they turn up, counted
and left out: a model that is asked about its own training images tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bcc.datasets import SPLITS, Dataset, among
from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes
from bcc.evaluation.run_dataset import with_labels_of
from bcc.runs import Run, read_first_rows

Choice = Literal["default", "all", "train", "validation", "test"]
"""Which rows to score; see `choose_rows`."""


FLATTERS = "Validation images also chose the best epoch, so that scores on them flatter."
"""Beside every score on them."""
NO_TEST_IMAGES = f"This run has no test images: the scores are about its validation images. {FLATTERS}"


@dataclass(frozen=True)
class ChosenRows:
    """Rows of a dataset that a run is scored on.

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
    dataset = with_labels_of(run, dataset)
    split, candidates = _candidates(dataset, choice, sides if own else dataset.split, own)
    labelled = dataset.labels[candidates] >= 0
    unlabelled = int((~labelled).sum())
    candidates = candidates[labelled]
    if unlabelled and not len(candidates):
        raise UserError(
            f"The images of '{dataset.source}' have no labels to score run '{run.id}' by: label some on the "
            "Label page or with 'relabel', or ask for its answers with 'predict'."
        )

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
    if unlabelled:
        notes.append(f"{unlabelled:,} rows have no label and are not scored.")
    if choice == "default" and split == "validation":
        notes.append(NO_TEST_IMAGES)
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


def validation_rows(runs: Sequence[Run], dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The first run's validation rows that no run was trained on, and their labels.

    Args:
        dataset: the first run's own data.
    """
    sides, _ = runs[0].read_split()
    rows = np.flatnonzero(sides == SPLITS.index("validation"))
    for run in runs[1:]:
        rows = rows[~seen_in_training(run, dataset, rows)]
    return rows, dataset.labels[rows]


def scored_splits(run: Run) -> list[str]:
    """The splits that the run was scored on, the one that counts first.

    Raises:
        UserError: there is none.
    """
    said = run.read_predictions()
    sides = [name for position, name in reversed(list(enumerate(SPLITS))) if (said.split == position).any()]
    if not sides:
        raise UserError(f"Run '{run.id}' was not scored on any image: train it again.")
    return sides


def about_split(run: Run, side: str) -> tuple[str, ...]:
    """What must be known beside scores on one split of a run's own data; nothing for test images."""
    changed = label_changes_note(run, side)
    notes = (changed,) if changed else ()
    if side != "validation":
        return notes
    if (run.read_predictions().split == SPLITS.index("test")).any():
        return (FLATTERS, *notes)
    return (NO_TEST_IMAGES, *notes)


def label_changes_note(run: Run, side: str) -> str:
    """Scores with the labels of the dataset beside those with the changed ones; empty where none was
    changed."""
    scored = run.read_json(run.metrics) if run.metrics.exists() else {}
    before, after = (scored.get("labels_as_given") or {}).get(side), scored.get(side)
    if not (isinstance(before, dict) and isinstance(after, dict) and before.get("changed")):
        return ""
    count = int(before["changed"])
    return (
        f"The labels of {count:,} of these {side} images were changed by a person. Accuracy is "
        f"{after['accuracy']:.2%} with the changed labels and {before['accuracy']:.2%} with those of the "
        f"dataset (macro F1 {after['macro_f1']:.2%} and {before['macro_f1']:.2%})."
    )


def seen_in_training(run: Run, dataset: Dataset, rows: np.ndarray | None = None) -> np.ndarray:
    """Whether the run was trained on each row's very pixels, wherever it had them from.

    Args:
        rows: int64 (M,); all rows of the set when missing.

    Returns:
        bool, one a row.
    """
    _, train_hashes = run.read_split()
    return among(dataset.row_hashes if rows is None else dataset.row_hashes[rows], train_hashes)


def seen_before_note(count: int, rows: int) -> str:
    """A sentence on rows that the first weights of a run have seen; empty where there are none."""
    if not count:
        return ""
    return (
        f"{count:,} of these {rows:,} images were seen by the weights that the run started from: its "
        "scores on them flatter it."
    )


def nearly_seen(run: Run, side: str) -> int | None:
    """How many rows of one side have a near copy among the run's training rows.

    The last scan of the data says so, also where it was made after the run; else what the run wrote down.

    Args:
        run: with its split written.
        side: "validation" or "test".

    Returns:
        `None` where no scan has looked for near copies.
    """
    from bcc.quality import last_near_copies

    info = run.read_json(run.dataset)
    written = _written(info, side)
    try:
        split, _ = run.read_split()
        found = last_near_copies(str(info["fingerprint"]), len(split))
    except UserError:
        # What was kept of the scan is damaged; the scores can be read all the same.
        return written
    if found is None:
        return written
    return max(found.also_in_training(split, side), written or 0)


def near_copies_note(run: Run, side: str) -> str:
    """A warning beside the scores of one side; empty where no near copies are known on both sides."""
    count = nearly_seen(run, side)
    if not count:
        return ""
    images = "image has a near copy" if count == 1 else "images have near copies"
    return (
        f"{count:,} {side} {images} among the training images: the scores praise memory. Draw the split "
        "anew with near copies kept together, or leave them out on the Clean page."
    )


def _written(info: dict[str, Any], side: str) -> int | None:
    """What the run itself wrote down when it began."""
    told = info.get("near_copies")
    count = told.get(side) if isinstance(told, dict) else None
    return count if isinstance(count, int) else None
