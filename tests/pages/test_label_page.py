"""The pages Label and Cell: labels changed, undone after a reload, confirmed at once, and agreed on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bcc.datasets import Dataset, Selection, open_selection
from pages.parts.label import grid
from tests.pages.conftest import Finished

MINE = "my selection"


def labels(dataset: Dataset, name: str = MINE) -> np.ndarray:
    return open_selection(dataset, name).relabelled(dataset).labels


def pick(app: AppTest, key: str, *rows: int) -> None:
    """Pick cells of a grid, which only a browser can do by hand."""
    place = f"{key}:turn"
    # AppTest's state has no `get`.
    turn = app.session_state[place] if place in app.session_state else 0  # noqa: SIM401
    app.session_state["tests.picked"] = {f"{key}:{turn}": list(rows)}
    app.run()


@pytest.fixture(autouse=True)
def _picked_by_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grids return what a test has put into the session."""
    import streamlit as st

    from pages.parts.widgets import pick_gallery

    class Mounted:
        def __init__(self, key: str) -> None:
            self.picked = st.session_state.get("tests.picked", {}).get(key, [])
            self.opened = None

    monkeypatch.setattr(pick_gallery, "_component", lambda: lambda *, key, **_: Mounted(key))


def test_picked_cells_get_the_class_that_is_pressed(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("label", data=tiny.fingerprint)
    assert not app.exception
    app.text_input(key="reviewer").set_value("Ann").run()
    pick(app, grid.KEY, 0, 5)
    app.button(key="label_bar:3").click().run()
    assert not app.exception
    assert labels(tiny)[[0, 5]].tolist() == [3, 3]
    assert open_selection(tiny, MINE).labels.rows[5][-1].who == "Ann"


def test_undo_survives_a_new_session(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("label", data=tiny.fingerprint)
    pick(app, grid.KEY, 0)
    app.button(key="label_bar:3").click().run()
    again = open_page("label", data=tiny.fingerprint)
    again.button(key="clean_undo").click().run()
    assert labels(tiny)[0] == tiny.labels[0]
    third = open_page("label", data=tiny.fingerprint)
    third.button(key="clean_redo").click().run()
    assert labels(tiny)[0] == 3


def test_the_rest_of_a_page_is_confirmed_at_once(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("label", data=tiny.fingerprint)
    pick(app, grid.KEY, 2)
    app.button(key="label_confirm").click().run()
    reviewed = open_selection(tiny, MINE).labels.rows
    assert set(reviewed) == set(range(24)) - {2}
    assert open_selection(tiny, MINE).labels.summary(tiny)["changed"] == 0


def test_a_cell_that_nobody_can_tell(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("cell", data=tiny.fingerprint, row="7")
    app.button(key="cell_label:unknown").click().run()
    assert not app.exception
    assert labels(tiny)[7] == -1
    assert "no label" in [one.value for one in app.subheader]


def test_a_new_class_is_added_and_given(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("cell", data=tiny.fingerprint, row="4")
    app.text_input(key="cell_label:new").set_value("smudge cell").run()
    app.button(key="cell_label:add").click().run()
    assert not app.exception
    after = open_selection(tiny, MINE).relabelled(tiny)
    assert after.class_names[after.labels[4]] == "smudge cell"


def test_the_cell_page_walks_and_refuses_rows_that_are_not_there(
    open_page: Callable, tiny: Dataset, texts: Callable
) -> None:
    app = open_page("cell", data=tiny.fingerprint, row="4")
    app.button(key="cell_next").click().run()
    assert app.query_params["row"] in ("5", ["5"])
    for bad in ("120", "-1", "x", "9" * 30):
        app = open_page("cell", data=tiny.fingerprint, row=bad)
        assert not app.exception
        assert "which this dataset does not have" in texts(app.warning)


def test_a_run_proposes_and_proposals_are_accepted(open_page: Callable, finished: Finished) -> None:
    from bcc.evaluation.predictions.set_answers import answers_on
    from bcc.models.features import FeatureExtractor
    from bcc.models.saving import load_model

    run, dataset = finished.run, finished.dataset
    answers = answers_on(run, dataset, FeatureExtractor(load_model(run.model)))
    app = open_page("label", data=dataset.fingerprint, run=run.id, label_order="surest first")
    assert not app.exception
    app.button(key="label_accept").click().run()
    assert not app.exception
    selection = open_selection(dataset, MINE)
    rows = np.array(sorted(selection.labels.rows))
    assert len(rows) == 24
    said = answers.probabilities[rows].argmax(axis=1)
    after = selection.relabelled(dataset)
    assert [after.class_names[one] for one in after.labels[rows]] == [run.class_names[one] for one in said]


def test_classes_are_merged_and_restored(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("label", data=tiny.fingerprint, part="Classes")
    first, second = tiny.class_names[:2]
    app.selectbox(key="class_one").set_value(first).run()
    app.selectbox(key="class_into").set_value(second).run()
    app.button(key="class_Merge").click().run()
    assert not app.exception
    assert open_selection(tiny, MINE).relabelled(tiny).class_names == tiny.class_names[1:]
    app.button(key="class_restore").click().run()
    assert open_selection(tiny, MINE).relabelled(tiny).class_names == tiny.class_names


def test_two_reviewers_are_compared_and_merged(open_page: Callable, tiny: Dataset) -> None:
    names = tiny.class_names
    Selection.of(tiny).relabel(tiny, [0, 1, 2], names[0]).save("ann")
    Selection.of(tiny).relabel(tiny, [0, 1], names[0]).relabel(tiny, [2], names[1]).save("bo")
    app = open_page("label", data=tiny.fingerprint, part="Reviewers", selection="ann")
    app.selectbox(key="label_other").set_value("bo").run()
    assert not app.exception
    assert {one.label: one.value for one in app.metric}["Agreement"] == "66.7%"
    pick(app, "disagreements", 2)
    app.button(key="differ_second").click().run()
    app.button(key="label_merge").click().run()
    assert not app.exception
    assert labels(tiny, "ann and bo")[[0, 1, 2]].tolist() == [0, 0, 1]


def test_a_new_selection_of_an_old_name_has_nothing_to_undo(open_page: Callable, tiny: Dataset) -> None:
    from bcc.datasets import delete_selection
    from bcc.datasets.selection_history import read_history

    app = open_page("cell", data=tiny.fingerprint, row="0")
    app.button(key="cell_label:3").click().run()
    delete_selection(tiny, MINE)
    app = open_page("cell", data=tiny.fingerprint, row="1")
    app.button(key="cell_label:3").click().run()
    assert len(read_history(tiny.fingerprint, MINE).past) == 1
