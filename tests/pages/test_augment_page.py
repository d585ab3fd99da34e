"""The Augment page: one augmentation live, and a recipe put together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from bcc.augment import catalogue, read_recipe, recipe_names
from bcc.datasets import Dataset
from tests.pages.conftest import Finished

OpenPage = Callable[..., AppTest]


def body(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_moving_a_slider_changes_the_pictures(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint)
    assert not app.exception
    app.segmented_control(key="topic").set_value("geometry").run()
    app.button_group(key="augmentation.geometry").set_value("rotation").run()
    before = body(app)
    # Four cells as they are, and four draws of each.
    assert before.count("<img") == 4 + 4 * 4
    app.slider(key="augment.rotation.degrees").set_value(10.0).run()
    assert body(app) != before
    app.button(key="augment.reset").click().run()
    assert body(app) == before
    app.button(key="augment.again").click().run()
    assert body(app) != before


@pytest.mark.parametrize("topic", sorted({kind.topic for kind in catalogue().values()}))
def test_every_topic_shows_its_augmentations(open_page: OpenPage, tiny: Dataset, topic: str) -> None:
    kinds = [kind for kind in catalogue().values() if kind.topic == topic]
    app = open_page("augment", data=tiny.fingerprint, topic=topic)
    assert not app.exception
    said = " ".join(str(element.value) for element in [*app.markdown, *app.caption])
    assert kinds[0].about in said
    assert kinds[0].hurts in said


def test_a_sweep_and_the_difference(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint)
    app.segmented_control(key="augment.mode.False").set_value("strengths").run()
    assert not app.exception
    assert body(app).count("<img") == 4 * 8
    assert "100%" in body(app)
    app.segmented_control(key="augment.mode.False").set_value("difference").run()
    assert not app.exception
    assert "draw 4" in body(app)


def test_the_run_is_asked(open_page: OpenPage, finished: Finished) -> None:
    app = open_page("augment", data=finished.dataset.fingerprint, run="done")
    app.toggle(key="ask").set_value(True).run()
    assert not app.exception
    assert "the run says" in body(app)
    app.button(key="augment.curve").click().run()
    assert not app.exception
    assert "A level line is an invariance" in " ".join(str(element.value) for element in app.caption)
    assert len(app.get("plotly_chart")) == 1


def test_wrong_row_numbers_are_one_sentence(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint)
    app.segmented_control(key="cells:3").set_value("by row number").run()
    app.text_input(key="cells.rows").set_value("5, 999").run()
    assert "no row 999" in app.error[0].value.replace("\\", "")


def test_a_recipe_is_put_together_and_saved(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    assert not app.exception
    # The recipe 'gentle' to begin with, and forty pictures.
    assert body(app).count("<img") == 40
    app.selectbox(key="recipe.kind").set_value("rotation").run()
    app.button(key="recipe.add").click().run()
    ups = [button for button in app.button if str(button.key).endswith("arrow_upward")]
    assert len(ups) == 3
    ups[-1].click().run()
    app.text_input(key="recipe.save_as").set_value("mine").run()
    app.button(key="recipe.save").click().run()
    assert not app.exception
    saved = read_recipe("mine")
    assert [step.augmentation.name for step in saved.steps] == ["flips", "rotation", "quarter_turns"]
    assert saved.steps[1].probability == 0.5


def test_a_bad_name_loses_nothing(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    app.text_input(key="recipe.save_as").set_value("gentle").run()
    app.button(key="recipe.save").click().run()
    assert "ships with the program" in app.error[0].value
    assert "mine" not in recipe_names()
    assert body(app).count("<img") == 40
