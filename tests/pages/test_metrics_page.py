"""The Metrics page says what the run's files say, and scores other sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bcc.datasets import load
from bcc.runs import write_arrays, write_json


def shown(app: Any) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("split", ["test", "validation"])
def test_numbers_are_those_of_the_run(open_page: Callable, finished: Any, split: str) -> None:
    app = open_page("metrics", data=finished.dataset.fingerprint, run="done", split=split)
    assert not app.exception
    assert not app.error
    metrics = finished.run.read_json(finished.run.metrics)[split]
    assert shown(app)["Accuracy"] == f"{metrics['accuracy']:.1%}"
    assert shown(app)["Macro F1"] == f"{metrics['macro_f1']:.1%}"
    assert shown(app)["Images"] == f"{metrics['n']:,}"
    app = open_page("metrics", data=finished.dataset.fingerprint, run="done", split=split, section="Scores")
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "support" in frame.value).set_index("class")
    for name, row in metrics["per_class"].items():
        assert table.loc[name, "support"] == row["support"]
        assert table.loc[name, "recall"] == pytest.approx(row["recall"])


def test_mistakes_are_shown_surest_first_and_filtered(
    open_page: Callable, finished: Any, html: Callable
) -> None:
    said = finished.run.read_predictions()
    probabilities = np.full_like(said.probabilities, 0.0)
    probabilities[np.arange(len(said.labels)), said.labels] = 1.0
    test = np.flatnonzero(said.split == 2)
    # Two planted mistakes, the second surer than the first.
    for place, sure in zip(test[:2], (0.6, 0.9), strict=True):
        wrong = (said.labels[place] + 1) % 4
        probabilities[place] = 0.0
        probabilities[place, [said.labels[place], wrong]] = 1 - sure, sure
    write_arrays(
        finished.run.predictions, rows=said.rows, split=said.split, labels=said.labels,
        probabilities=probabilities,
    )  # fmt: skip
    app = open_page("metrics", data=finished.dataset.fingerprint, run="done", section="Images")
    text = html(app)
    first, second = (f"row {said.rows[place]:,}<" for place in (test[1], test[0]))
    assert 0 <= text.index(first) < text.index(second)
    true = finished.dataset.class_names[said.labels[test[0]]]
    app.selectbox(key="mistake_true").set_value(true).run()
    assert second in html(app)
    assert (first in html(app)) == (said.labels[test[0]] == said.labels[test[1]])


def test_another_set_is_scored(
    open_page: Callable, finished: Any, tiny_npz: Callable[..., Path], data_folder: Path
) -> None:
    other = load(tiny_npz(data_folder / "other.npz", rows=60, classes=4, seed=9))
    app = open_page("metrics", data=other.fingerprint, run="done")
    app.segmented_control(key="on").set_value("the chosen dataset").run()
    assert not app.exception
    assert not app.error
    from bcc.evaluation import evaluate

    expected = evaluate(finished.run, other)
    assert shown(app)["Accuracy"] == f"{expected['accuracy']:.1%}"
    assert shown(app)["Images"] == "60"


def test_a_set_without_a_common_class_is_one_sentence(
    open_page: Callable, finished: Any, tiny_npz: Callable[..., Path], data_folder: Path, texts: Callable
) -> None:
    names = np.array(["x", "y", "z"])
    other = load(tiny_npz(data_folder / "other.npz", rows=30, classes=3, seed=9, class_names=names))
    app = open_page("metrics", data=other.fingerprint, run="done")
    app.segmented_control(key="on").set_value("the chosen dataset").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "no name in common" in texts(app.error)


def test_data_that_is_gone_costs_only_the_images(
    open_page: Callable, finished: Any, tiny: Any, data_folder: Path, texts: Callable
) -> None:
    import shutil

    shutil.rmtree(finished.dataset.folder)
    (data_folder / "blobs.npz").unlink()
    info = finished.run.read_json(finished.run.dataset)
    info["location"] = str(data_folder / "blobs.npz")
    from bcc.runs import write_json

    write_json(finished.run.dataset, info)
    app = open_page("metrics", data=tiny.fingerprint, run="done")
    assert not app.exception
    assert shown(app)["Accuracy"]
    assert "not here any more" in texts(app.error)


@pytest.mark.parametrize("section", ["Confusion", "Scores", "Curves", "Confidence", "Images", "Training"])
def test_that_photographs_do_not_ship_is_no_error(
    open_page: Callable, tiny: Any, texts: Callable, section: str
) -> None:
    app = open_page("metrics", data=tiny.fingerprint, run="pbc", section=section)
    assert not app.exception
    assert not app.error
    assert shown(app)["Images"] == "1,296"
    assert "Click a cell of the matrix" not in texts(app.caption)
    assert ("only numbers are shown" in texts(app.info)) == (section == "Images")


@pytest.mark.parametrize("section", ["Confusion", "Scores", "Curves", "Confidence", "Images", "Training"])
def test_every_section_opens_by_its_address(open_page: Callable, finished: Any, section: str) -> None:
    app = open_page("metrics", data=finished.dataset.fingerprint, run="done", section=section)
    assert not app.exception
    assert not app.error
    assert any(button.label in ("Figure", "Table") for button in app.get("download_button"))


@pytest.mark.parametrize(
    ("old", "widget"),
    [("Sureness", "reliability"), ("Take along", "download_report")],
    ids=["old 1", "old 2"],
)
def test_links_of_older_versions_open_the_same_section(
    open_page: Callable, finished: Any, old: str, widget: str
) -> None:
    app = open_page("metrics", data=finished.dataset.fingerprint, run="done", section=old)
    assert not app.exception
    keys = [element.proto.id for element in (*app.get("plotly_chart"), *app.get("download_button"))]
    assert any(widget in key for key in keys)


def test_an_empty_class_is_said(open_page: Callable, finished: Any, texts: Callable) -> None:
    said = finished.run.read_predictions()
    keep = said.labels != 2
    write_arrays(
        finished.run.predictions, rows=said.rows[keep], split=said.split[keep], labels=said.labels[keep],
        probabilities=said.probabilities[keep],
    )  # fmt: skip
    for section in ("Confusion", "Scores", "Curves", "Confidence", "Images"):
        app = open_page("metrics", data=finished.dataset.fingerprint, run="done", section=section)
        assert not app.exception
        assert not app.error
        if section == "Scores":
            assert "No image here is class 2" in texts(app.caption)


def test_a_run_without_predictions_says_what_to_do(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    finished.run.predictions.unlink()
    app = open_page("metrics", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert "has no predictions.npz" in texts(app.error)
    assert "Saliency and Paint a cell still work" in texts(app.caption)


@pytest.mark.parametrize("page", ["metrics", "robustness", "saliency", "compare", "predict", "paint"])
def test_a_run_that_failed_says_why(open_page: Callable, finished: Any, texts: Callable, page: str) -> None:
    for file in (finished.run.predictions, finished.run.metrics, finished.run.model):
        file.unlink()
    state = finished.run.read_json(finished.run.state)
    write_json(finished.run.state, {**state, "status": "failed", "message": "The disk is full."})
    app = open_page(page, data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert "(failed). The disk is full. Resume it" in texts(app.info)


def test_the_run_can_be_taken_along(open_page: Callable, finished: Any, texts: Callable) -> None:
    app = open_page("metrics", data=finished.dataset.fingerprint, run="done", section="Export")
    assert not app.exception
    labels = [button.label for button in app.get("download_button")]
    assert labels == ["Report", "Model card", "Predictions"]
    app.button(key="make_export").click().run()
    assert not app.exception
    assert "differ by at most" in texts(app.success)
    assert "Download the model" in [button.label for button in app.get("download_button")]
