"""The page Look-alikes."""

from __future__ import annotations

from collections.abc import Callable

from bcc.datasets import Dataset
from tests.pages.conftest import Finished


def test_two_classes_without_any_answers(open_page: Callable, tiny: Dataset, texts: Callable) -> None:
    app = open_page("look_alikes", data=tiny.fingerprint, one="class 1", other="class 3")
    assert not app.exception
    assert not app.error
    assert [one.value for one in app.main.selectbox] == ["class 1", "class 3"]
    assert "measured" in texts(app.subheader)
    app.button(key="look_alikes_swap").click().run()
    assert [one.value for one in app.main.selectbox] == ["class 3", "class 1"]
    app.main.selectbox(key="other").select("class 3").run()
    assert "two different classes" in texts(app.info)


def test_a_run_says_which_cells_are_typical(
    open_page: Callable, finished: Finished, texts: Callable, html: Callable
) -> None:
    from bcc.evaluation.predictions.set_answers import answers_on
    from pages.parts.state import loaders

    answers_on(finished.run, finished.dataset, loaders.features_of(finished.run))
    app = open_page("look_alikes", data=finished.dataset.fingerprint, run=finished.run.id, maps="true")
    assert not app.exception
    assert not app.error
    assert "Typical cells" in texts(app.subheader)
    assert "typical" in html(app)
    app.button(key="pair_try").click().run()
    assert not app.exception
    assert not app.error
    table = next(one.value for one in app.dataframe if "condition" in one.value)
    assert len(table) == 3
