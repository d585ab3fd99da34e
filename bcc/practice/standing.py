"""How good a person is, beside a run on the same cells, and which cells are hard.

Only first sights count: the second sight of a cell in one round is practice. Where a cell was answered in
several rounds, every round counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.practice.answers import TOO_LATE, Answer, AnswerBook
from bcc.wilson import wilson

COLUMNS = (
    "name", "when", "round", "quiz", "data", "row", "truth", "answer", "right", "seconds", "distorted",
    "again", "run", "run_answer", "run_share",
)  # fmt: skip
"""Of `answer_table`."""
NO_ANSWER = "(too late)"


@dataclass(frozen=True)
class Standing:
    """A person's results.

    Attributes:
        n, right: answers, and right ones.
        interval: Wilson's 95 % interval of right / n.
        kappa: Cohen's, between answers and the classes that count; NaN where it is not defined.
        seconds: median time per cell; NaN without answers.
        confusion: counts, classes that count down, answers across; the last column is `NO_ANSWER` where the
            time was over for any.
        per_class: `class`, `n`, `right`, `share`, `low`, `high`, `run_share` (the run's share of right
            answers on the same cells), `usual_mistake`, `seconds`.
        compared: cells that the run was asked about as well.
        right_there, run_right: right answers on those, of the person and of the run.
    """

    n: int
    right: int
    interval: tuple[float, float]
    kappa: float
    seconds: float
    confusion: pd.DataFrame
    per_class: pd.DataFrame
    compared: int
    right_there: int
    run_right: int

    @property
    def share(self) -> float:
        """Right answers, 0..1; NaN without answers."""
        return self.right / self.n if self.n else float("nan")


def answer_table(books: Iterable[AnswerBook]) -> pd.DataFrame:
    """All answers in one table, a line each, with the columns `COLUMNS`; the oldest of each person first."""
    lines = [
        {"name": book.name, **one.model_dump(), "right": one.right} for book in books for one in book.answers
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def first_sights(answers: Iterable[Answer]) -> list[Answer]:
    """The answers that count."""
    return [one for one in answers if not one.again]


def standing(answers: Sequence[Answer], class_names: Sequence[str]) -> Standing:
    """Results of some answers.

    Args:
        answers: of one person; those to other classes than these are left out.
        class_names: in the order of the tables.
    """
    names = list(class_names)
    counted = [one for one in first_sights(answers) if one.truth in names]
    frame = answer_table([AnswerBook("", tuple(counted))])
    n, right = len(frame), int(frame["right"].sum())
    low, high = wilson(np.array(right / n if n else np.nan), np.array(n))
    asked = frame[frame["run_answer"] != ""]
    return Standing(
        n,
        right,
        (float(low), float(high)),
        _kappa(frame),
        float(frame["seconds"].median()) if n else float("nan"),
        _confusion(frame, names),
        _per_class(frame, names),
        len(asked),
        int(asked["right"].sum()),
        int((asked["run_answer"] == asked["truth"]).sum()),
    )


def disagreements(answers: Sequence[Answer]) -> pd.DataFrame:
    """The cells on which person and run differ, the newest first: `data`, `row`, `truth`, `answer`,
    `run_answer`, `run_share`, `distorted`, `who` ("you", "the run" or "neither" was right)."""
    frame = answer_table([AnswerBook("", tuple(first_sights(answers)))])
    frame = frame[(frame["run_answer"] != "") & (frame["run_answer"] != frame["answer"])].iloc[::-1]
    run_right = frame["run_answer"] == frame["truth"]
    who = np.select([frame["right"].astype(bool), run_right], ["you", "the run"], "neither")
    columns = ["data", "row", "truth", "answer", "run_answer", "run_share", "distorted"]
    return frame[columns].assign(who=who).reset_index(drop=True)


def hardest(books: Iterable[AnswerBook], data: str, least: int = 2) -> pd.DataFrame:
    """How hard the cells of a dataset are, by all who answered, the hardest first.

    Args:
        books: of everybody.
        data: fingerprint of the dataset.
        least: answers that a cell needs to be listed.

    Returns:
        `row`, `truth`, `n`, `right`, `difficulty` (share of wrong answers, drawn towards one half by one
        answer of each kind, so that one mistake of one person is not the hardest cell), `usual_mistake`.
    """
    frame = answer_table(books)
    frame = frame[(frame["data"] == data) & ~frame["again"].astype(bool)]
    lines = []
    for row, part in frame.groupby("row"):
        wrong = part.loc[~part["right"].astype(bool), "answer"]
        lines.append(
            {
                "row": int(str(row)),
                "truth": part["truth"].iloc[-1],
                "n": len(part),
                "right": int(part["right"].sum()),
                "difficulty": (len(wrong) + 1) / (len(part) + 2),
                "usual_mistake": _most_common(wrong),
            }
        )
    table = pd.DataFrame(lines, columns=["row", "truth", "n", "right", "difficulty", "usual_mistake"])
    table = table[table["n"] >= least]
    return table.sort_values(["difficulty", "n"], ascending=False, kind="stable").reset_index(drop=True)


def hardness(
    rows: int, books: Iterable[AnswerBook], data: str, margins: np.ndarray | None = None
) -> np.ndarray:
    """How hard each cell of a dataset is, as far as anybody knows.

    Args:
        rows: of the dataset.
        books: of everybody.
        data: its fingerprint.
        margins: float (N,), likeliest class minus the second of a run that was asked, 0..1.

    Returns:
        float (N,): what people say where they answered, else 1 - margin; NaN where nothing is known.
    """
    known = np.full(rows, np.nan) if margins is None else 1.0 - np.asarray(margins, np.float64)
    people = hardest(books, data, least=1)
    people = people[people["row"] < rows]
    # One right answer says little against a run that wavers, one wrong answer says much.
    known[people["row"]] = np.fmax(known[people["row"]] * (people["right"] == 0), people["difficulty"])
    return known


def by_day(answers: Sequence[Answer]) -> pd.DataFrame:
    """Results of each day (UTC): `day`, `n`, `right`, `share`, `low`, `high`, the oldest first."""
    frame = answer_table([AnswerBook("", tuple(first_sights(answers)))])
    frame = frame[frame["when"].str.match(r"\d{4}-\d\d-\d\d")] if len(frame) else frame
    days = frame.assign(day=frame["when"].str[:10] if len(frame) else []).groupby("day")["right"]
    table = (
        days.agg(n="size", right="sum").reset_index()
        if len(frame)
        else pd.DataFrame(columns=["day", "n", "right"])
    )
    return _with_interval(table)


def by_person(books: Iterable[AnswerBook]) -> pd.DataFrame:
    """Results of each person: `name`, `n`, `right`, `share`, `low`, `high`, `seconds`, by name."""
    lines = []
    for book in books:
        counted = first_sights(book.answers)
        if counted:
            lines.append(
                {
                    "name": book.name,
                    "n": len(counted),
                    "right": sum(one.right for one in counted),
                    "seconds": float(np.median([one.seconds for one in counted])),
                }
            )
    return _with_interval(pd.DataFrame(lines, columns=["name", "n", "right", "seconds"]))


def _with_interval(table: pd.DataFrame) -> pd.DataFrame:
    n = table["n"].to_numpy(np.float64)
    share = table["right"].to_numpy(np.float64) / np.where(n > 0, n, np.nan)
    low, high = wilson(share, n)
    return table.assign(share=share, low=low, high=high)


def _kappa(frame: pd.DataFrame) -> float:
    from sklearn.metrics import cohen_kappa_score

    if len({*frame["truth"], *frame["answer"]}) < 2:
        return float("nan")
    return float(cohen_kappa_score(list(frame["truth"]), list(frame["answer"])))


def _confusion(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    given = frame["answer"].replace(TOO_LATE, NO_ANSWER)
    columns = [*names, *([NO_ANSWER] if (given == NO_ANSWER).any() else [])]
    table = pd.crosstab(frame["truth"], given) if len(frame) else pd.DataFrame()
    return table.reindex(index=names, columns=columns, fill_value=0).astype(np.int64)


def _per_class(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    lines = []
    for name in names:
        part = frame[frame["truth"] == name]
        asked = part[part["run_answer"] != ""]
        lines.append(
            {
                "class": name,
                "n": len(part),
                "right": int(part["right"].sum()),
                "run_share": float((asked["run_answer"] == name).mean()) if len(asked) else float("nan"),
                "usual_mistake": _most_common(part.loc[~part["right"].astype(bool), "answer"]),
                "seconds": float(part["seconds"].median()) if len(part) else float("nan"),
            }
        )
    return _with_interval(pd.DataFrame(lines))


def _most_common(answers: pd.Series) -> str:
    answers = answers[answers != TOO_LATE]
    return str(answers.value_counts().index[0]) if len(answers) else ""
