"""The page Practise: a round from the first cell to its result, results beside a run, a quiz by its link."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bcc.datasets import Dataset
from bcc.practice import Question, make_quiz, read_answers, saved_quizzes
from pages.parts.practise import game, setup
from tests.pages.conftest import Finished


@pytest.fixture(autouse=True)
def _no_run_behind_the_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread loads a model beside a test; what it does is tested by itself."""
    monkeypatch.setattr(game, "_ask_run", lambda play: None)


def begin(open_page: Callable[..., AppTest], dataset: Dataset, **query: str) -> AppTest:
    app = open_page("practise", data=dataset.fingerprint, who="Ann", **query)
    assert not app.exception
    app.button(key="practise_begin").click().run()
    assert not app.exception
    return app


def asked(app: AppTest) -> tuple[int, str]:
    """Row and class of the cell that is asked."""
    from pages.parts.state import server_memory

    play = server_memory._things()[0][game.ROUND, app.session_state[f"kept:{game.ROUND}"]][0]
    return play.current.row, play.current.truth


def answer(app: AppTest, dataset: Dataset, right: bool = True) -> None:
    _, truth = asked(app)
    place = dataset.class_names.index(truth)
    app.button(key=f"practise_answer:{place if right else (place + 1) % 4}").click().run()
    assert not app.exception


def test_without_a_name_nothing_begins(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("practise", data=tiny.fingerprint)
    assert not app.exception
    assert app.button(key="practise_begin").disabled


def test_a_round_from_the_first_cell_to_its_result(
    open_page: Callable, tiny: Dataset, texts: Callable
) -> None:
    app = begin(open_page, tiny)
    answer(app, tiny, right=False)
    assert "It is labelled" in texts(app.warning)
    app.button(key="practise_next").click().run()
    for _ in range(20):
        answer(app, tiny)
        app.button(key="practise_next").click().run()
    assert "The round is over" in texts(app.subheader)
    values = [one.value for one in app.metric]
    assert values[0] == "19 of 20"
    given = read_answers("ann").answers
    assert len(given) == 21
    assert sum(one.again for one in given) == 1
    assert all(one.truth == tiny.class_names[tiny.labels[one.row]] for one in given)
    app.button(key="practise_again").click().run()
    assert not app.exception
    assert app.button(key="practise_begin")


def test_a_round_survives_a_reload_and_can_be_ended(
    open_page: Callable, tiny: Dataset, texts: Callable
) -> None:
    app = begin(open_page, tiny)
    answer(app, tiny)
    row = asked(app)[0]
    again = open_page("practise", data=tiny.fingerprint, who="Ann", round=app.query_params["round"])
    assert not again.exception
    assert asked(again)[0] == row
    again.button(key="practise_end").click().run()
    assert "The round is over" in texts(again.subheader)
    assert again.metric[0].value == "1 of 1"


def test_results_stand_beside_those_of_the_run(
    open_page: Callable, finished: Finished, texts: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bcc.practice import RunAnswer

    monkeypatch.setattr(game, "_run_answer", lambda play: RunAnswer("done", play.current.truth, 0.9))
    app = begin(open_page, finished.dataset, run=finished.run.id)
    answer(app, finished.dataset, right=False)
    assert "done says" in texts(app.markdown)
    results = open_page("practise", data=finished.dataset.fingerprint, who="Ann", part="You and the run")
    assert not results.exception
    values = {one.label: one.value for one in results.metric}
    assert values["Cells"] == "1"
    assert values["The run"] == "100.0%"
    assert "the run on 1" in texts(results.caption)


def test_the_run_is_asked_about_the_very_images_that_are_shown(finished: Finished) -> None:
    from bcc.practice import Play, RoundOptions, image_shown
    from pages.parts.state import loaders

    dataset = finished.dataset
    questions = [
        Question(dataset.fingerprint, row, dataset.class_names[dataset.labels[row]]) for row in (3, 9)
    ]
    options = RoundOptions(distorted=True)
    play = Play.practice("t", "Ann", dataset.class_names, questions, options, 0.0)
    found = game._asked(finished.run, play, {dataset.fingerprint: dataset})
    images = np.stack([image_shown(np.asarray(dataset.images[row]), row, True) for row in (3, 9)])
    said = loaders.model_of(finished.run)(images)
    for row, one in zip((3, 9), said, strict=True):
        assert found[dataset.fingerprint, row].name == finished.run.class_names[int(one.argmax())]
        assert found[dataset.fingerprint, row].share == pytest.approx(float(one.max()), abs=1e-6)


def test_a_teacher_makes_a_quiz_and_a_student_takes_it(
    open_page: Callable, tiny: Dataset, texts: Callable
) -> None:
    app = open_page("practise", data=tiny.fingerprint, part="Quizzes")
    assert not app.exception
    app.text_input(key="quiz_title").set_value("<b>Monday</b>").run()
    app.button(key="quiz_make").click().run()
    assert not app.exception
    (quiz,) = saved_quizzes()
    assert len(quiz.rows) == 20
    assert "<b>Monday</b>" in texts(app.markdown)
    assert f"quiz={quiz.id}" in texts(app.code)

    student = open_page("practise", data=tiny.fingerprint, quiz=quiz.id, who="<i>Bob</i>")
    student.button(key="quiz_begin").click().run()
    for _ in range(20):
        answer(student, tiny)
    assert "The quiz is over" in texts(student.subheader)
    after = open_page("practise", data=tiny.fingerprint, part="Quizzes")
    assert not after.exception
    table = next(one.value for one in after.dataframe if "answered" in one.value)
    assert table[["name", "answered", "right"]].to_numpy().tolist() == [["<i>Bob</i>", 20, 20]]
    after.button(key=f"quiz_delete:{quiz.id}").click().run()
    assert saved_quizzes() == []


def test_a_link_to_a_quiz_that_is_gone_says_so(open_page: Callable, tiny: Dataset, texts: Callable) -> None:
    app = open_page("practise", data=tiny.fingerprint, quiz="<script>")
    assert not app.exception
    assert "There is no quiz" in texts(app.error)
    quiz = make_quiz("t", [Question("0123456789abcdef", 0, "a")], ("a",), "gone.npz")
    app = open_page("practise", data=tiny.fingerprint, quiz=quiz.id)
    assert "not on this machine any more" in texts(app.error)


def test_nothing_due_is_a_sentence(open_page: Callable, tiny: Dataset, texts: Callable) -> None:
    app = begin(open_page, tiny, mix=setup.MIXES["mistakes"])
    assert "due now" in texts(app.error)


def test_a_run_that_only_numbers_its_classes_is_understood_in_a_round_of_some(finished: Finished) -> None:
    from bcc.practice import Play, RoundOptions

    dataset = finished.dataset.named(("amber", "blue", "cyan", "dark"))
    rows = [int(row) for row in np.flatnonzero(dataset.labels == 2)[:2]]
    questions = [Question(dataset.fingerprint, row, "cyan") for row in rows]
    play = Play.practice("t", "Ann", ("cyan", "dark"), questions, RoundOptions(), 0.0)
    found = game._asked(finished.run, play, {dataset.fingerprint: dataset})
    assert {one.name for one in found.values()} <= set(dataset.class_names)
