"""A form is made from the spec alone, and gives back what was entered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bcc.datasets import Dataset
from bcc.specs import Spec
from bcc.training import DataOptions, TrainConfig, assemble, preset_names

FROM_THE_CHOSEN_SET = {"source", "classes", "preprocessing", "layout", "selection"}

WIDGETS = ("selectbox", "number_input", "text_input", "segmented_control")


def by_key(app: AppTest) -> dict[str, Any]:
    """Every input on the page by its key."""
    return {one.key: one for kind in WIDGETS for one in getattr(app.main, kind)}


@pytest.mark.parametrize("preset", preset_names())
def test_every_field_is_on_the_page_with_its_help_and_value(
    open_page: Callable, tiny: Dataset, preset: str
) -> None:
    app = open_page("train", data=tiny.fingerprint)
    app.segmented_control(key="preset").set_value(preset).run()
    start, widgets = assemble(preset=preset), by_key(app)
    for prefix, spec, values in (
        (f"train.{preset}", TrainConfig, start),
        (f"train.{preset}.data", DataOptions, start.data),
        *(
            (f"train.{preset}.{name}", type(getattr(start, name)), getattr(start, name))
            for name in ("head", "fine_tune", "all", "adam", "lion", "sgd")
        ),
    ):
        for name, field in spec.model_fields.items():
            if isinstance(getattr(values, name), Spec) or name in FROM_THE_CHOSEN_SET:
                continue
            widget = widgets[f"{prefix}.{name}"]
            assert widget.help == field.description
            value = getattr(values, name)
            shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
            if value is None and widget.type == "text_input":
                shown = ""
            assert widget.value == pytest.approx(shown), name


def form_of_one_spec() -> None:
    """A page with one form, made of kinds of fields that no config has yet."""
    from typing import Literal

    import streamlit as st

    from bcc.errors import UserError
    from bcc.specs import Spec, check, option
    from pages.parts.widgets import form

    class Anything(Spec):
        """One field of each kind."""

        whole: int = option(3, "A whole number.", unit="px", ge=1, le=9)
        share: float = option(0.5, "A share.", ge=0, le=1)
        rate: float = option(1e-6, "On a logarithmic scale.", gt=0, le=1, log=True)
        choice: Literal["a", "b"] = option("a", "One of two.")
        perhaps: Literal["a", "b"] | None = option(None, "One of two, or neither.")
        text: str = option("t", "A text.")
        note: str | None = option(None, "A text, or none.")
        yes: bool = option(True, "A switch.")

    places: form.Places = {}
    start = Anything().model_dump()
    values = form.fields(Anything, list(Anything.model_fields), start, "f", places)
    st.json(values)
    try:
        check(Anything, values, "the form")
    except UserError as error:
        form.show_problem(error, places)


@pytest.fixture
def form_app() -> AppTest:
    return AppTest.from_function(form_of_one_spec, default_timeout=30).run()


def test_untouched_form_gives_the_defaults(form_app: AppTest) -> None:
    assert not form_app.exception
    assert json.loads(form_app.json[0].value) == {
        "whole": 3, "share": 0.5, "rate": 1e-6, "choice": "a", "perhaps": None, "text": "t", "note": None,
        "yes": True,
    }  # fmt: skip


def test_entered_values_come_back(form_app: AppTest) -> None:
    form_app.number_input(key="f.whole").set_value(4)
    form_app.number_input(key="f.rate").set_value(0.00025)
    form_app.selectbox(key="f.perhaps").set_value("b")
    form_app.text_input(key="f.note").set_value("n")
    form_app.segmented_control(key="f.yes").set_value(False)
    entered = json.loads(form_app.run().json[0].value)
    assert (entered["whole"], entered["rate"], entered["perhaps"]) == (4, 0.00025, "b")
    assert (entered["note"], entered["yes"]) == ("n", False)


def test_a_bad_value_is_explained_under_its_field(form_app: AppTest) -> None:
    form_app.number_input(key="f.rate").set_value(0.0).run()
    assert not form_app.exception
    (sentence,) = [caption.value for caption in form_app.caption]
    assert "Should be greater than 0" in sentence


def test_labels_name_the_unit_once(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("train", data=tiny.fingerprint)
    labels = {widget.label for widget in by_key(app).values()}
    assert {"Image size (px)", "Epochs", "Patience (epochs)"} <= labels
