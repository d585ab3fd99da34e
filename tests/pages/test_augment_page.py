"""The Augment page: one augmentation live, and a recipe put together."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bcc.augment import catalogue, read_recipe, recipe_names
from bcc.datasets import Dataset, load
from bcc.training import DataOptions
from bcc.training.inputs.rows import divide
from tests.pages.conftest import Finished

OpenPage = Callable[..., AppTest]


def body(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_moving_a_slider_changes_the_images(open_page: OpenPage, tiny: Dataset) -> None:
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
    app.segmented_control(key="augment.mode").set_value("strengths").run()
    assert not app.exception
    assert body(app).count("<img") == 4 * 8
    assert "100%" in body(app)
    app.segmented_control(key="augment.mode").set_value("difference").run()
    assert not app.exception
    assert "draw 4" in body(app)


def test_the_run_is_asked(open_page: OpenPage, finished: Finished) -> None:
    app = open_page("augment", data=finished.dataset.fingerprint, run="done")
    app.toggle(key="ask").set_value(True).run()
    assert not app.exception
    assert "prediction" in body(app)
    app.button(key="augment.curve").click().run()
    assert not app.exception
    assert "A flat line means" in " ".join(str(element.value) for element in app.caption)
    assert len(app.get("plotly_chart")) == 1


def test_wrong_row_numbers_are_one_sentence(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint)
    app.segmented_control(key="cells:3").set_value("row numbers").run()
    app.text_input(key="cells.rows").set_value("5, 999").run()
    assert "no row 999" in app.error[0].value.replace("\\", "")


def test_a_recipe_is_put_together_and_saved(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    assert not app.exception
    # The recipe 'gentle' to begin with, and forty images.
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


def test_the_dyes_of_the_set_itself(open_page: OpenPage, data_folder: Path) -> None:
    cells = load("synthetic-clean")
    app = open_page("augment", data=cells.fingerprint, topic="colour")
    app.button_group(key="augmentation.colour").set_value("stain_jitter").run()
    app.slider(key="augment.stain_jitter.azure").set_value(0.3).run()
    shipped = app.slider(key="augment.stain_jitter.eosin_green").value
    app.button(key="augment.dyes").click().run()
    assert not app.exception
    assert app.slider(key="augment.stain_jitter.eosin_green").value != shipped
    assert app.slider(key="augment.stain_jitter.azure").value == 0.3, "strengths stay"


def test_seldom_values_of_a_step_lie_folded_up(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    app.selectbox(key="recipe.kind").set_value("stain_jitter").run()
    app.button(key="recipe.add").click().run()
    assert not app.exception
    assert "Dyes" in [expander.label for expander in app.expander]


def test_the_sheet_shows_training_rows_only(open_page: OpenPage, tiny: Dataset) -> None:
    sides = divide(tiny, DataOptions(), seed=0).split
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    rows = [int(row) for row in re.findall(r"Row (\d+) as training sees it", body(app))]
    assert len(rows) == 40
    assert (sides[rows] == 0).all()


SENT = """{"steps": [{"augmentation": "flips", "probability": 0.5}, {"augmentation": "%s"%s}]}"""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SENT % ("grid_mask", ""), ""),
        (SENT % ("gridmask", ""), "Step 2 of the recipe from a friend.json"),
        (SENT % ("rotation", ', "parameters": {"degrees": 999}'), "degrees"),
        ('{"steps": []}', "without steps"),
        ("[1]", "must be a JSON object"),
        ("\x80", "cannot be read as JSON"),
    ],
)
def test_a_recipe_from_a_file(
    open_page: OpenPage, tiny: Dataset, texts: Callable, content: str, sentence: str
) -> None:
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    sent = content.encode("latin-1")
    app.file_uploader(key="recipe.file").upload("from a friend.json", sent, "application/json").run()
    app.button(key="recipe.import").click().run()
    assert not app.exception
    if sentence:
        assert sentence in texts(app.error)
        assert "from a friend" not in recipe_names()
        assert app.selectbox(key="recipe.open").value == "gentle"
    else:
        assert not app.error
        assert app.selectbox(key="recipe.open").value == "from a friend"
        assert [step.augmentation.name for step in read_recipe("from a friend").steps] == [
            "flips",
            "grid_mask",
        ]
        # A file of the same name never takes another's place.
        app.button(key="recipe.import").click().run()
        assert app.selectbox(key="recipe.open").value == "from a friend 2"
        app.button(key="recipe.delete").click().run()
        assert "from a friend 2" not in recipe_names()
        app.button(key="recipe.undo").click().run()
        assert not app.exception
        assert "from a friend 2" in recipe_names()
        assert app.selectbox(key="recipe.open").value == "from a friend 2"


def test_a_bad_name_loses_nothing(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    app.text_input(key="recipe.save_as").set_value("gentle").run()
    app.button(key="recipe.save").click().run()
    assert "ships with the program" in app.error[0].value
    assert "mine" not in recipe_names()
    assert body(app).count("<img") == 40


def test_an_unsaved_recipe_survives_other_pages_and_a_reload(open_page: OpenPage, tiny: Dataset) -> None:
    app = open_page("augment", data=tiny.fingerprint, **{"try": "a recipe"})
    app.selectbox(key="recipe.open").set_value("none").run()
    assert "recipe_draft" not in app.query_params
    app.selectbox(key="recipe.kind").set_value("rotation").run()
    app.button(key="recipe.add").click().run()
    probability = next(one for one in app.slider if one.label == "Probability")
    probability.set_value(0.35).run()
    token = app.query_params["recipe_draft"]

    def steps(app: AppTest) -> list[tuple[str, float]]:
        assert not app.exception
        return [(step.augmentation.name, step.probability) for _, step in app.session_state["recipe.steps"]]

    app.switch_page("pages/home.py").run()
    app.switch_page("pages/augment.py").run()
    app.segmented_control(key="try").set_value("a recipe").run()
    assert app.selectbox(key="recipe.open").value == "none"
    assert steps(app) == [("rotation", 0.35)]

    address = {"data": tiny.fingerprint, "try": "a recipe", "recipe.open": "none", "recipe_draft": token}
    assert steps(open_page("augment", **address)) == [("rotation", 0.35)]
