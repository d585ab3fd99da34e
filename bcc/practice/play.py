"""A round while it is played: which cell is shown, what was answered, what comes next. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bcc.datasets.selection import now
from bcc.evaluation.robustness.chained import distort
from bcc.practice.answers import TOO_LATE, Answer
from bcc.practice.quiz import Feedback, Quiz
from bcc.practice.rounds import Question, RoundOptions, repeated_later

DISTORTION_SEED = 29_303
"""Another than those of the robustness suites: a person sees other distortions than the numbers are made
of."""
GRACE = 0.5
"""Seconds that an answer may come late: it travels from the browser."""


@dataclass(frozen=True)
class RunAnswer:
    """What a run says of one image: the class, and how sure it is, 0..1."""

    run: str
    name: str
    share: float


@dataclass(frozen=True)
class Play:
    """One round of one person.

    Attributes:
        token: names the round in stored answers.
        person: who plays.
        class_names: the answers to choose from.
        questions: the cells; a wrong answer in practice puts its cell in again, later.
        seconds: for each cell; 0 for any time.
        distorted: whether cells are shown distorted.
        feedback: when the right class is shown.
        quiz: id of the quiz, "" in practice.
        position: of the cell that is shown.
        answers: to the cells up to here.
        shown_at: on a clock that never jumps (`time.monotonic`), when the present cell was first shown.
    """

    token: str
    person: str
    class_names: tuple[str, ...]
    questions: tuple[Question, ...]
    seconds: int = 0
    distorted: bool = False
    feedback: Feedback = "at once"
    quiz: str = ""
    position: int = 0
    answers: tuple[Answer, ...] = ()
    shown_at: float = 0.0

    @classmethod
    def practice(
        cls,
        token: str,
        person: str,
        class_names: tuple[str, ...],
        questions: list[Question],
        options: RoundOptions,
        at: float,
    ) -> Play:
        """Begin a round of practice."""
        return cls(
            token, person, class_names, tuple(questions), options.seconds, options.distorted, shown_at=at
        )

    @classmethod
    def of_quiz(cls, token: str, person: str, quiz: Quiz, at: float) -> Play:
        """Begin a quiz."""
        return cls(
            token,
            person,
            quiz.class_names,
            tuple(quiz.questions),
            quiz.seconds,
            quiz.distorted,
            quiz.feedback,
            quiz.id,
            shown_at=at,
        )

    @property
    def is_over(self) -> bool:
        """Whether all cells were answered and looked at."""
        return self.position >= len(self.questions)

    @property
    def current(self) -> Question:
        """The cell that is shown."""
        return self.questions[self.position]

    @property
    def last(self) -> Answer | None:
        """The answer to the cell that is shown; `None` while it is asked."""
        return self.answers[self.position] if len(self.answers) > self.position else None

    @property
    def score(self) -> tuple[int, int]:
        """Right answers and all answers, first sights only."""
        counted = [one for one in self.answers if not one.again]
        return sum(one.right for one in counted), len(counted)

    def left(self, at: float) -> float | None:
        """Seconds left for the present cell, 0 when over; `None` without a limit."""
        return max(self.seconds - (at - self.shown_at), 0.0) if self.seconds else None

    def is_late(self, at: float) -> bool:
        """Whether the time for the present cell is over."""
        return bool(self.seconds) and at - self.shown_at > self.seconds + GRACE

    def answer(self, name: str, at: float, run: RunAnswer | None = None) -> Play:
        """Answer the present cell; an answer that comes too late counts as none.

        Args:
            name: a class, or `TOO_LATE`.
            at: now, on the clock of `shown_at`.
            run: what a run says of the same image, where that is known.
        """
        if self.is_over or self.last is not None:
            return self
        asked = self.current
        taken = max(at - self.shown_at, 0.0)
        given = Answer(
            when=now(),
            round=self.token,
            data=asked.data,
            row=asked.row,
            truth=asked.truth,
            answer=TOO_LATE if self.is_late(at) else name,
            seconds=round(min(taken, float(self.seconds)) if self.seconds else taken, 2),
            distorted=self.distorted,
            again=asked.again,
            quiz=self.quiz,
            run=run.run if run else "",
            run_answer=run.name if run else "",
            run_share=run.share if run else 0.0,
        )
        questions = self.questions
        if not self.quiz and not given.right:
            questions = tuple(repeated_later(questions, self.position))
        after = replace(self, answers=(*self.answers, given), questions=questions)
        return after if self.feedback == "at once" else after.next(at)

    def next(self, at: float) -> Play:
        """Go on to the next cell, once the present one is answered."""
        return self if self.last is None else replace(self, position=self.position + 1, shown_at=at)

    def ended(self) -> Play:
        """End the round here: what was not asked yet is dropped."""
        done = self.questions[: len(self.answers)]
        return replace(self, questions=done, position=len(done))


def image_shown(image: np.ndarray, row: int, distorted: bool) -> np.ndarray:
    """The image as people see it.

    Args:
        image: uint8 (H, W, 3) RGB.
        row: of the dataset; it decides the distortions, so that everybody sees the same.
        distorted: whether it is distorted.

    Returns:
        uint8 (H, W, 3).
    """
    return distort(image, row, DISTORTION_SEED)[0] if distorted else image
