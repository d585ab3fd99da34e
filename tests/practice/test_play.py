"""A round while it is played."""

from __future__ import annotations

import numpy as np

from bcc.practice.answers import TOO_LATE
from bcc.practice.play import Play, RunAnswer, image_shown
from bcc.practice.quiz import Quiz
from bcc.practice.rounds import Question, RoundOptions

QUESTIONS = [Question("d", row, "a") for row in range(3)]


def practice(seconds: int = 0) -> Play:
    options = RoundOptions(seconds=seconds)
    return Play.practice("token", "Ann", ("a", "b"), QUESTIONS, options, at=100.0)


def test_an_answer_is_shown_before_the_next_cell() -> None:
    play = practice()
    assert play.next(101.0) is play
    answered = play.answer("a", 102.5, RunAnswer("run", "b", 0.7))
    assert answered.last is not None
    assert answered.position == 0
    assert (answered.last.seconds, answered.last.right, answered.last.run_answer) == (2.5, True, "b")
    assert answered.answer("b", 103.0) is answered
    after = answered.next(104.0)
    assert (after.position, after.last, after.shown_at) == (1, None, 104.0)


def test_a_wrong_cell_comes_again_and_counts_once() -> None:
    play = practice().answer("b", 101.0).next(101.0)
    assert [one.row for one in play.questions] == [0, 1, 2, 0]
    for at in (102.0, 103.0, 104.0):
        play = play.answer("a", at).next(at)
    assert play.is_over
    assert play.score == (2, 3)
    assert [one.again for one in play.answers] == [False, False, False, True]


def test_time_runs_on_the_servers_own_clock() -> None:
    play = practice(seconds=5)
    assert play.left(102.0) == 3.0
    assert play.left(110.0) == 0.0
    assert not play.is_late(105.2)
    assert play.answer("a", 105.2).answers[0].right
    late = play.answer("a", 109.0).answers[0]
    assert (late.answer, late.seconds) == (TOO_LATE, 5.0)
    # A clock that was put back gives no time below nothing.
    assert play.answer("a", 99.0).answers[0].seconds == 0.0
    assert practice().left(1e9) is None


def test_a_quiz_goes_straight_on_and_repeats_nothing() -> None:
    quiz = Quiz(
        id="abcd1234", title="t", data="d", class_names=("a", "b"), rows=(0, 1), truths=("a", "b"),
        feedback="at the end",
    )  # fmt: skip
    play = Play.of_quiz("token", "Ann", quiz, 0.0).answer("b", 1.0)
    assert (play.position, len(play.questions), play.shown_at) == (1, 2, 1.0)
    play = play.answer("b", 2.0)
    assert play.is_over
    assert [one.quiz for one in play.answers] == ["abcd1234"] * 2
    assert play.answer("a", 3.0) is play


def test_a_round_can_be_ended_early() -> None:
    play = practice().answer("a", 101.0).ended()
    assert play.is_over
    assert play.score == (1, 1)
    assert len(play.questions) == 1


def test_everybody_sees_the_same_distortions() -> None:
    image = np.random.default_rng(0).integers(0, 255, (48, 48, 3), np.uint8)
    assert image_shown(image, 3, distorted=False) is image
    once = image_shown(image, 3, distorted=True)
    assert once.shape == image.shape
    np.testing.assert_array_equal(once, image_shown(image, 3, distorted=True))
    assert (once != image_shown(image, 4, distorted=True)).any()
