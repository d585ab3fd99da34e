"""A round of cells to name: which cells, in which order.

Cells come from one dataset or several (photographs and painted cells, say), under the class names of the
first.
Every cell has one label that counts: that of the dataset, or the one that people agreed on in a selection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from bcc.datasets import Dataset, Selection, first_of_each, with_labels
from bcc.datasets.classes import cell_kind
from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes
from bcc.practice.answers import Answer
from bcc.practice.repetition import due
from bcc.specs import Spec, option

Mix = Literal["even", "blood", "confused", "mistakes"]

BLOOD_SHARES = {
    "neutrophil": 0.59,
    "lymphocyte": 0.29,
    "monocyte": 0.07,
    "eosinophil": 0.03,
    "basophil": 0.01,
    "immature granulocyte": 0.005,
    "erythroblast": 0.005,
}
"""Of nucleated cells in the blood of healthy adults, about; the last two are hardly ever there. Platelets are
counted apart, and so stay out."""
HARDEST = 4
"""For "confused": how many times as many of the hardest cells are considered as are asked for."""


class RoundOptions(Spec):
    """What a round is made of."""

    length: Literal[20, 50, 100] = option(20, "How many cells.", title="Cells")
    mix: Mix = option(
        "even",
        "Which cells: even - every class equally often; blood - as often as in healthy blood; confused - "
        "those "
        "that a run and other people find hardest; mistakes - those that you named wrongly, when they are "
        "due.",
        title="Which cells",
    )
    seconds: int = option(
        0, "Time for each cell; 0 for as long as you like.", title="Time per cell", unit="s", ge=0, le=120
    )
    distorted: bool = option(
        False, "Show cells as a worse camera or stain would: one to four distortions each.", title="Distorted"
    )


@dataclass(frozen=True)
class Pool:
    """Cells of one dataset that can be asked for.

    Attributes:
        dataset: with the labels that count.
        rows: int64 (N,), rows with a label, not left out, each image once.
        names: class name that the round uses for each class of the dataset; "" where the round has none.
    """

    dataset: Dataset
    rows: np.ndarray
    names: tuple[str, ...]

    def truth(self, row: int) -> str:
        """The class that counts for a row, "" where it has none in this round."""
        label = int(self.dataset.labels[row])
        return self.names[label] if label >= 0 else ""


@dataclass(frozen=True)
class Question:
    """One cell of a round: its dataset, its row, the class that counts, and whether it is shown again."""

    data: str
    row: int
    truth: str
    again: bool = False


def pool_of(dataset: Dataset, selection: Selection | None = None, like: Sequence[str] | None = None) -> Pool:
    """The cells of a dataset that can be asked for.

    Args:
        dataset: the set.
        selection: whose labels and decisions count.
        like: the classes of the round, where they are another set's; cells of other classes stay out.

    Raises:
        UserError: the selection belongs to another set, no cell has a label, or no class is shared.
    """
    labelled = with_labels(dataset, selection)
    names = labelled.class_names
    if like is not None:
        places = match_classes(names, like).to_run
        names = tuple(like[place] if place >= 0 else "" for place in places)
    usable = labelled.labels >= 0
    usable &= np.array([*(bool(name) for name in names), False])[labelled.labels]
    if selection is not None:
        usable[selection.left_out] = False
    rows = np.flatnonzero(usable)
    if not len(rows):
        raise UserError(
            f"No cell of '{dataset.source}' has a label to be asked for: label some on the Label page first."
        )
    rows = rows[first_of_each(dataset.row_hashes[rows])]
    return Pool(labelled, rows, names)


def draw_round(
    options: RoundOptions,
    pools: Sequence[Pool],
    seed: int,
    *,
    only: Iterable[str] = (),
    answers: Sequence[Answer] = (),
    hardness: Mapping[str, np.ndarray] | None = None,
    at: datetime | None = None,
) -> list[Question]:
    """Draw the cells of a round.

    Args:
        options: what it is made of.
        pools: where cells come from; where there are two, each gives about half.
        seed: of the draw.
        only: classes to draw from; all of them without.
        answers: of this person, the oldest first (for "mistakes").
        hardness: for "confused": fingerprint -> float (N,) of all rows of that dataset, the harder the
            higher, NaN where nothing is known.
        at: now, for "mistakes".

    Returns:
        At most `options.length` questions, no cell twice; fewer where there are not more cells.

    Raises:
        UserError: there is no cell to ask for, and why.
    """
    rng = np.random.default_rng(seed)
    chosen = set(only)
    if options.mix == "mistakes":
        return _mistakes(options.length, pools, chosen, answers, at)
    queues = _queues(pools, chosen, rng, options, hardness or {})
    if not queues:
        raise UserError(_nothing(options.mix, chosen))
    names = list(queues)
    shares = np.array([BLOOD_SHARES.get(cell_kind(name) or "", 0.0) for name in names])
    questions: list[Question] = []
    turn: list[str] = []
    while len(questions) < options.length and queues:
        if options.mix == "blood":
            present = np.array([name in queues for name in names]) * shares
            name = names[int(rng.choice(len(names), p=present / present.sum()))]
        else:
            if not turn:
                turn = [str(one) for one in rng.permutation(list(queues))]
            name = turn.pop()
            if name not in queues:
                continue
        questions.append(_next(queues, name, rng))
    order = rng.permutation(len(questions))
    return [questions[place] for place in order]


def repeated_later(questions: Sequence[Question], position: int, gap: int = 5) -> list[Question]:
    """The questions after a wrong answer to the one at `position`: it comes again `gap` cells later, or at
    the end. A cell is shown a second time only, never a third."""
    asked = questions[position]
    if asked.again:
        return list(questions)
    again = Question(asked.data, asked.row, asked.truth, again=True)
    place = min(position + gap, len(questions))
    return [*questions[:place], again, *questions[place:]]


def _queues(
    pools: Sequence[Pool],
    only: set[str],
    rng: np.random.Generator,
    options: RoundOptions,
    hardness: Mapping[str, np.ndarray],
) -> dict[str, list[list[Question]]]:
    """Class -> for each pool that has it, its questions; the last of each list comes first."""
    queues: dict[str, list[list[Question]]] = {}
    for pool in pools:
        rows = pool.rows
        if options.mix == "confused":
            rows = _hardest(pool, only, hardness, HARDEST * options.length)
        rows = rng.permutation(rows)
        for name in dict.fromkeys(pool.names):
            if not name or (only and name not in only):
                continue
            if options.mix == "blood" and not BLOOD_SHARES.get(cell_kind(name) or ""):
                continue
            own = [place for place, given in enumerate(pool.names) if given == name]
            of_class = rows[np.isin(pool.dataset.labels[rows], own)]
            if len(of_class):
                queue = [Question(pool.dataset.fingerprint, int(row), name) for row in of_class]
                queues.setdefault(name, []).append(queue)
    return queues


def _hardest(pool: Pool, only: set[str], hardness: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    known = hardness.get(pool.dataset.fingerprint)
    if known is None:
        return pool.rows[:0]
    rows = pool.rows
    if only:
        rows = np.array([row for row in rows if pool.truth(int(row)) in only], np.int64)
    how_hard = known[rows]
    rows, how_hard = rows[np.isfinite(how_hard)], how_hard[np.isfinite(how_hard)]
    return np.asarray(rows[np.argsort(-how_hard, kind="stable")][:count])


def _next(queues: dict[str, list[list[Question]]], name: str, rng: np.random.Generator) -> Question:
    """Take the next question of a class, from a pool drawn evenly; what is used up leaves `queues`."""
    place = int(rng.integers(len(queues[name])))
    question = queues[name][place].pop()
    if not queues[name][place]:
        del queues[name][place]
    if not queues[name]:
        del queues[name]
    return question


def _mistakes(
    length: int, pools: Sequence[Pool], only: set[str], answers: Sequence[Answer], at: datetime | None
) -> list[Question]:
    if at is None:
        raise ValueError("a round of mistakes needs the time")
    here = {pool.dataset.fingerprint: pool for pool in pools}
    asked = {fingerprint: set(map(int, pool.rows)) for fingerprint, pool in here.items()}
    questions = []
    for data, row in due(answers, at):
        if data in here and row in asked[data]:
            truth = here[data].truth(row)
            if not only or truth in only:
                questions.append(Question(data, row, truth))
    if not questions:
        raise UserError(_nothing("mistakes", only))
    return questions[:length]


def _nothing(mix: Mix, only: set[str]) -> str:
    of = f" of {' or '.join(sorted(only))}" if only else ""
    if mix == "mistakes":
        return f"No cell{of} that you named wrongly is due now: come back later, or choose other cells."
    if mix == "confused":
        return (
            f"Nothing is known of how hard the cells{of} are: ask a run about this dataset first, or choose "
            "other cells."
        )
    if mix == "blood":
        return f"None of the classes{of} has a known share in blood: choose 'even'."
    return f"There is no cell{of} to ask for."
