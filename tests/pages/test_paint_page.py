"""Paint a cell: sliders, answer, sweep, and the cell kept in the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def paint(open_page: Callable, finished: Any) -> Callable[..., Any]:
    return lambda **query: open_page("paint", data=finished.dataset.fingerprint, run="done", **query)


def test_a_slider_changes_the_cell_and_the_address(paint: Callable, html: Callable) -> None:
    app = paint(start="monocyte")
    assert not app.exception
    assert not app.error
    assert "map for class" in html(app)
    before = app.slider(key="cell.lobes").value
    app.slider(key="cell.lobes").set_value(before + 2).run()
    assert not app.exception
    assert app.query_params["cell"] == f"lobes:{before + 2}"
    assert app.query_params["start"] == "monocyte"
    app.selectbox(key="sweep").set_value("lobes").run()
    assert not app.exception
    assert html(app).count("<img ") == 2 + 5
    app.selectbox(key="start").set_value("platelet").run()
    assert app.slider(key="cell.nucleus_size").value == 0
    assert "cell" not in app.query_params


def test_the_address_gives_the_cell_again(paint: Callable, texts: Callable) -> None:
    app = paint(start="eosinophil", cell_seed="7", cell="orange_granules:0.1,lobes:3")
    assert not app.exception
    assert app.slider(key="cell.orange_granules").value == pytest.approx(0.1)
    assert app.slider(key="cell.lobes").value == 3
    assert app.number_input(key="cell_seed").value == 7


def test_a_bad_address_is_one_sentence_and_a_typical_cell(paint: Callable, texts: Callable) -> None:
    app = paint(start="unicorn", cell="lobes:99")
    assert not app.exception
    assert "'lobes'" in texts(app.error)
    assert app.selectbox(key="start").value == "eosinophil"


def test_without_a_run_it_says_what_to_do(open_page: Callable, tiny: Any, texts: Callable) -> None:
    app = open_page("paint", data=tiny.fingerprint)
    assert not app.exception
    assert "no trained run yet" in texts(app.info)


def test_a_model_is_fooled(paint: Callable, texts: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    from bcc.explain.painted_cell import typical_spec
    from bcc.explain.smallest_change import Change
    from pages.parts.paint import fool

    start = typical_spec("eosinophil")
    end = start.model_copy(update={"cell_size": 18.0})
    change = Change(end, (("cell_size", start.cell_size, 18.0),), 0.08, 1, 0.7)
    monkeypatch.setattr(fool, "smallest_change", lambda *_: change)
    app = paint(start="eosinophil")
    distance = lambda: next(one.value for one in app.metric if one.label == "Your distance")  # noqa: E731
    assert distance() == "0.00"
    app.button(key="fool_show").click().run()
    assert not app.exception
    assert "Distance 0.08" in texts(app.markdown).replace("**", "")
    assert "16.4 → 18" in texts(app.markdown)
    app.button(key="fool_take").click().run()
    assert app.slider(key="cell.cell_size").value == 18.0
    assert distance() == f"{(18.0 - start.cell_size) / 19:.2f}"
