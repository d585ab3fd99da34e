"""Spaced repetition: a cell that was named wrongly comes back soon, and later and later once it is right.

Leitner's boxes (Sebastian Leitner, "So lernt man lernen", 1972): a wrong answer puts a cell into the first
box, each right one moves it to the next, and the box says how long it rests. A cell that was never wrong is
in no box; one that leaves the last box is learned.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bcc.practice.answers import Answer

REST = (timedelta(0), timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=21))
"""How long a cell rests in each box."""

CellKey = tuple[str, int]
"""Fingerprint of the dataset, and row."""


def due_times(answers: Iterable[Answer]) -> dict[CellKey, datetime]:
    """When each cell that was once wrong, and is not learned yet, is due again.

    Args:
        answers: of one person, the oldest first. Second sights within a round count as well: whoever names
            the cell right then has it in the second box.

    Returns:
        By cell; times in UTC.
    """
    boxes: dict[CellKey, int] = {}
    last: dict[CellKey, datetime] = {}
    for one in answers:
        key = (one.data, one.row)
        if not one.right:
            boxes[key] = 0
        elif key in boxes:
            boxes[key] += 1
        else:
            continue
        moment = moment_of(one)
        if moment is not None:
            last[key] = moment
    return {key: last[key] + REST[box] for key, box in boxes.items() if box < len(REST) and key in last}


def due(answers: Iterable[Answer], at: datetime) -> list[CellKey]:
    """The cells that are due, the longest overdue first."""
    times = due_times(answers)
    return sorted((key for key, when in times.items() if when <= at), key=lambda key: (times[key], key))


def moment_of(answer: Answer) -> datetime | None:
    """When an answer was given; `None` where its file says no time."""
    try:
        moment = datetime.fromisoformat(answer.when)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
