"""What the figures show, read back from their traces."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from scipy.stats import binomtest

from bcc import figures
from bcc.figures.theme import TEMPLATE

NAMES = ["basophil", "ig", "a class with quite a long name"]
MATRIX = pd.DataFrame([[9, 1, 0], [0, 200, 0], [3, 0, 1]], index=NAMES, columns=NAMES)
SCORES = pd.DataFrame(
    {
        "class": NAMES,
        "precision": [1, 0.5, 0],
        "recall": [0.9, 0.4, 0],
        "f1": [0.95, 0.44, 0],
        "support": [10, 5, 0],
    }
)
HISTORY = pd.DataFrame(
    {
        "phase": ["head", "head", "tuning", "tuning"],
        "epoch": [1, 2, 1, 2],
        "loss": [2.0, 1.0, 0.5, 0.2],
        "validation_loss": [1.9, 1.2, 0.9, 1.0],
        "accuracy": [0.3, 0.6, 0.8, 0.95],
        "validation_accuracy": [0.4, 0.5, np.nan, 0.7],
        "learning_rate": [1e-3, 1e-3, 1e-4, 1e-4],
    }
)
BATCHES = pd.DataFrame(
    {"step": range(1, 201), "loss": np.linspace(2, 1, 200), "accuracy": np.linspace(0, 1, 200)}
)
ROC = pd.DataFrame(
    {
        "threshold": [np.inf, 0.5], "false_positive_rate": [0, 1], "true_positive_rate": [0, 1],
        "recall": [0, 1], "precision": [1, 0.5],
    }
)  # fmt: skip
GROUPS = pd.DataFrame({"low": [0.5], "high": [0.6], "n": [4], "confidence": [0.55], "accuracy": [0.5]})
COVERAGE = pd.DataFrame({"coverage": [0.5, 1], "accuracy": [1, 0.9], "threshold": [0.9, 0.1], "n": [5, 10]})
COUNTS = pd.DataFrame(
    {"class": NAMES * 2, "count": [7, 5, 3, 2, 0, 1], "split": ["train"] * 3 + ["test"] * 3}
)


def texts(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


@pytest.mark.parametrize(
    "draw",
    [
        figures.class_counts,
        figures.confusion,
        figures.training_curves,
        figures.batch_curve,
    ],
)
@pytest.mark.parametrize("given", [None, pd.DataFrame()])
def test_nothing_gives_an_empty_figure_with_a_sentence(
    draw: Callable[[pd.DataFrame | None], go.Figure], given: pd.DataFrame | None
) -> None:
    drawn = draw(given)
    assert not drawn.data
    assert texts(drawn)[0].endswith(".")


def test_the_other_figures_can_be_empty_too() -> None:
    for drawn in (
        figures.run_curves(None),
        figures.run_curves({"a": pd.DataFrame()}),
        figures.reliability_diagram(None),
        figures.risk_coverage_curves(None),
        figures.roc_curves(None, {}),
        figures.precision_recall_curves({}, {}),
        figures.score_intervals(None, "F1"),
    ):
        assert not drawn.data
        assert len(texts(drawn)) == 1


@pytest.mark.parametrize(
    "drawn",
    [
        figures.class_counts(COUNTS),
        figures.confusion(MATRIX),
        figures.training_curves(HISTORY, baseline=0.9),
        figures.batch_curve(BATCHES),
        figures.run_curves({"one": HISTORY}),
        figures.score_intervals(SCORES.assign(value=SCORES["f1"], low=0.5, high=1.0), "F1"),
        figures.roc_curves({NAMES[0]: ROC}, {NAMES[0]: 0.9}),
        figures.precision_recall_curves({NAMES[0]: ROC}, {NAMES[0]: 0.9}),
        figures.reliability_diagram(GROUPS, GROUPS),
        figures.risk_coverage_curves({"all": COVERAGE}, (0.5, 1.0)),
    ],
)
def test_every_figure_has_the_template_a_height_and_no_title(drawn: go.Figure) -> None:
    assert drawn.layout.template == go.Figure(layout={"template": TEMPLATE}).layout.template
    assert 150 < drawn.layout.height < 800
    assert drawn.layout.title.text is None
    assert drawn.layout.font.color is None
    json.loads(drawn.to_json())


def test_counts_are_stacked_by_split_in_the_colours_of_the_classes() -> None:
    drawn = figures.class_counts(COUNTS)
    bars = [trace for trace in drawn.data if not trace.showlegend and trace.x[0] is not None]
    assert [trace.legendgroup for trace in bars] == ["train", "test"]
    assert [list(trace.x) for trace in bars] == [[7, 5, 3], [2, 0, 1]]
    assert texts(drawn) == ["9", "5", "4"]
    assert drawn.layout.barmode == "stack"
    assert bars[0].marker.color[0].startswith("rgba(167, 130, 249"), "basophils are violet"
    assert bars[0].marker.color[0] != bars[1].marker.color[0]


def test_counts_without_a_split_need_no_legend() -> None:
    drawn = figures.class_counts(COUNTS.drop(columns="split"))
    assert drawn.layout.showlegend is False
    assert list(drawn.data[0].x) == [9, 5, 4]


@pytest.mark.parametrize(("mode", "number"), [("counts", "200"), ("rows", "90%"), ("columns", "75%")])
def test_the_confusion_matrix_prints_what_was_asked_for(mode: str, number: str) -> None:
    drawn = figures.confusion(MATRIX, mode)  # type: ignore[arg-type]
    printed = {
        (true, predicted): text
        for trace in drawn.data[1:]
        if trace.text is not None
        for predicted, true, text in zip(trace.x, trace.y, trace.text, strict=True)
    }
    assert len(printed) == 9
    assert number in printed.values()
    assert printed["basophil", NAMES[2]] == "0"


def test_the_depth_of_a_field_is_the_root_of_its_share() -> None:
    by_row = np.array(figures.confusion(MATRIX).data[0].z, dtype=float)
    by_column = np.array(figures.confusion(MATRIX, "columns").data[0].z, dtype=float)
    assert by_row[0, 0] == pytest.approx(np.sqrt(0.9))
    assert by_row[2, 0] == pytest.approx(np.sqrt(0.75))
    assert by_column[0, 0] == pytest.approx(np.sqrt(0.75))


def test_the_confusion_matrix_takes_a_line_of_unknown_classes_and_an_empty_class() -> None:
    matrix = pd.DataFrame([[1, 0], [0, 0], [2, 3]], index=["a", "b", "(another class)"], columns=["a", "b"])
    drawn = figures.confusion(matrix, "rows")
    assert np.isfinite(np.array(drawn.data[0].z, dtype=float)).all()
    assert list(drawn.data[0].y) == ["a", "b", "(another class)"]


def test_a_large_confusion_matrix_leaves_its_numbers_to_the_hover() -> None:
    names = [f"class {position}" for position in range(30)]
    drawn = figures.confusion(pd.DataFrame(np.eye(30, dtype=int), index=names, columns=names))
    assert all(trace.text is None for trace in drawn.data)


def test_every_field_of_the_confusion_matrix_can_be_clicked() -> None:
    points = figures.confusion(MATRIX).data[-1]
    assert set(zip(points.y, points.x, strict=True)) == {(true, called) for true in NAMES for called in NAMES}
    first = dict(zip(zip(points.y, points.x, strict=True), points.customdata, strict=True))
    assert first[NAMES[0], NAMES[0]][0] == MATRIX.iloc[0, 0]


def test_the_bars_of_a_reliability_diagram_are_wilsons_intervals() -> None:
    groups = pd.DataFrame(
        {
            "low": [0.4, 0.8],
            "high": [0.5, 0.9],
            "n": [3, 40],
            "confidence": [0.45, 0.87],
            "accuracy": [1.0, 0.85],
        }
    )
    line = next(one for one in figures.reliability_diagram(groups).data if one.error_y.array is not None)
    for position, (right, n) in enumerate(((3, 3), (34, 40))):
        expected = binomtest(right, n).proportion_ci(method="wilson")
        share = groups["accuracy"][position]
        assert share + line.error_y.array[position] == pytest.approx(expected.high)
        assert share - line.error_y.arrayminus[position] == pytest.approx(expected.low)


def test_intervals_are_drawn_where_they_are() -> None:
    frame = pd.DataFrame(
        {
            "class": ["a", "b"],
            "value": [0.9, np.nan],
            "low": [0.8, np.nan],
            "high": [0.95, np.nan],
            "support": [9, 0],
        }
    )
    drawn = figures.score_intervals(frame, "Recall")
    assert len(drawn.data) == 1
    assert drawn.data[0].error_x.arrayminus[0] == pytest.approx(0.1)
    assert drawn.layout.xaxis.range[0] < 0.8


def test_a_figure_as_a_page_brings_its_code_along() -> None:
    from bcc.figures.offline import as_page, as_part

    page = as_page(figures.confusion(MATRIX), "<matrix>")
    assert page.startswith("<!doctype html>")
    assert "&lt;matrix&gt;" in page
    assert "<script src=" not in page
    assert len(page) > 1_000_000
    assert len(as_part(figures.confusion(MATRIX))) < 50_000


def test_curves_run_on_through_the_phases() -> None:
    drawn = figures.training_curves(HISTORY)
    lines = [trace for trace in drawn.data if trace.mode != "markers"]
    assert [(trace.name, trace.showlegend) for trace in lines] == [
        ("training", True),
        ("validation", True),
        ("training", False),
        ("validation", False),
    ]
    assert list(lines[0].x) == [1, 2, 3, 4], "an epoch that starts again at 1 does not fold the line back"
    assert "tuning" in texts(drawn)
    assert [shape.x0 for shape in drawn.layout.shapes] == [2.5, 2.5]


def test_a_dot_marks_the_best_epoch_on_validation() -> None:
    dots = [trace for trace in figures.training_curves(HISTORY).data if trace.mode == "markers"]
    assert [(dot.x[0], dot.y[0]) for dot in dots] == [(3, 0.9), (4, 0.7)]


def test_the_baseline_is_named_and_has_room() -> None:
    drawn = figures.training_curves(HISTORY, baseline=0.957)
    assert "linear baseline 95.7%" in texts(drawn)
    assert any(shape.y0 == shape.y1 == 0.957 and shape.yref == "y2" for shape in drawn.layout.shapes)
    assert any(list(trace.y) == [0.957] for trace in drawn.data), "the axis reaches as far as the line"


@pytest.mark.parametrize(
    "history",
    [
        HISTORY.head(1),
        HISTORY[["loss"]],
        HISTORY[["epoch", "validation_accuracy"]],
        HISTORY.assign(loss=np.nan, validation_loss=np.nan),
        HISTORY.assign(epoch=np.nan),
        pd.DataFrame({"epoch": [1]}),
    ],
)
def test_curves_take_what_there_is(history: pd.DataFrame) -> None:
    drawn = figures.training_curves(history, baseline=float("nan"))
    json.loads(drawn.to_json())
    assert not [text for text in texts(drawn) if "nan" in text]


def test_another_score_can_be_drawn() -> None:
    drawn = figures.training_curves(HISTORY.rename(columns={"accuracy": "macro_f1"}), metric="macro_f1")
    assert drawn.layout.yaxis2.title.text == "macro f1 (%)"
    assert list(drawn.data[-1].y) == HISTORY["accuracy"].tolist()


def test_a_history_without_losses_and_with_an_epoch_out_of_sixty_is_one_clear_panel() -> None:
    history = pd.DataFrame(
        {"epoch": [72, 144, 451], "loss": [np.nan] * 3, "validation_accuracy": [0.977, 0.984, 0.991]}
    )
    drawn = figures.training_curves(history, baseline=0.963)
    assert "xaxis2" not in drawn.to_plotly_json()["layout"], "no empty panel for the losses"
    assert drawn.layout.yaxis.title.text == "accuracy (%)"
    assert drawn.layout.xaxis.dtick is None, "379 ticks cannot be read"
    assert "linear baseline 96.3%" in texts(drawn)


def test_batches_are_smoothed_over_the_raw_values() -> None:
    noisy = BATCHES.assign(loss=BATCHES["loss"] + np.tile([0.5, -0.5], 100))
    raw, smooth = figures.batch_curve(noisy).data[:2]
    assert np.abs(np.diff(smooth.y[20:])).max() < 0.2 * np.abs(np.diff(raw.y[20:])).max()
    assert smooth.y[-1] == pytest.approx(1.0, abs=0.15)
    assert smooth.y[0] == raw.y[0], "the mean does not start from zero"


def test_batches_without_a_score_show_the_loss_alone() -> None:
    assert len(figures.batch_curve(BATCHES[["step", "loss"]], baseline=0.9).data) == 2
    assert len(figures.batch_curve(BATCHES.head(1)).data) == 4


def test_runs_are_compared_by_one_column() -> None:
    drawn = figures.run_curves({"one": HISTORY, "two": HISTORY, "young": HISTORY[["loss"]]})
    assert [trace.name for trace in drawn.data] == ["one", "two"]
    assert drawn.data[0].line.color != drawn.data[1].line.color


def test_heat_covers_the_image_where_it_is_hot() -> None:
    image = np.full((40, 60, 3), 200, dtype=np.uint8)
    heat = np.zeros((4, 6))
    heat[:, 4:] = 1
    heat[0, 0] = np.nan
    laid = figures.overlay(image, heat, opacity=0.5)
    assert laid.shape == image.shape
    assert laid.dtype == np.uint8
    assert np.array_equal(laid[:, :25], image[:, :25])
    red, green, blue = laid[20, 55].astype(int)
    assert green > blue + 50, "the hottest place is yellow, red and green in an RGB image"
    assert red > blue + 50
    assert np.array_equal(figures.overlay(image, heat, opacity=0), image)
    assert np.array_equal(figures.overlay(image, heat * 100), figures.overlay(image, heat))


def test_a_what_if_shows_every_run_and_the_mean() -> None:
    table = pd.DataFrame(
        {"rate": [1e-4, 1e-4, 1e-2, 1e-2], "seed": [0, 1, 0, 1], "validation_accuracy": [0.5, 0.7, 0.8, None],
         "run": list("abcd")}
    )  # fmt: skip
    drawn = figures.what_if_answer(table, "rate")
    band, mean, dots = drawn.data
    assert list(mean.x) == [1e-4, 1e-2]
    assert list(mean.y) == pytest.approx([0.6, 0.8])
    assert len(dots.x) == 3
    assert list(band.y) == pytest.approx([0.7, 0.8, 0.8, 0.5])
    assert drawn.layout.xaxis.type == "log"


def test_a_what_if_of_two_fields_has_a_line_for_each_value() -> None:
    table = pd.DataFrame(
        {"optimizer": ["adam", "lion", "adam", "lion"], "dropout": [0, 0, 0.5, 0.5], "seed": 0,
         "validation_accuracy": [0.1, 0.2, 0.3, 0.4]}
    )  # fmt: skip
    drawn = figures.what_if_answer(table, "optimizer", "dropout")
    assert [trace.name for trace in drawn.data if trace.showlegend] == ["0.0", "0.5"]
    assert list(drawn.layout.xaxis.ticktext) == ["adam", "lion"]
    assert "finished an epoch" in figures.what_if_answer(None, "x").layout.annotations[0].text


def test_parallel_coordinates_have_an_axis_for_what_differs() -> None:
    points = pd.DataFrame(
        {"all.learning_rate": [1e-4, 1e-2], "model": ["atto", "nano"], "same": [1, 1],
         "validation_accuracy": [0.5, 0.9], "accuracy": [0.5, 0.9]}, index=["a", "b"]
    )  # fmt: skip
    axes = figures.parallel_runs(points).data[0].dimensions
    assert [axis.label for axis in axes] == ["learning rate (all)", "model", "validation accuracy"]
    assert list(axes[0].values) == pytest.approx([-4, -2])
    assert list(axes[1].ticktext) == ["atto", "nano"]
    assert "two runs or more" in figures.parallel_runs(points[:1]).layout.annotations[0].text


def test_methods_without_a_number_have_no_bar() -> None:
    table = pd.DataFrame(
        {
            "method": ["Grad-CAM", "ScoreCAM", "centre"],
            "stage": ["stage 3 (6 x 6)", "stage 4 (1 x 1)", "no model"],
            "faithful": [0.4, np.nan, 0.5],
            "error": [0.1, np.nan, np.nan],
            "believable": [False, False, False],
        }
    )
    bars = figures.trust_bars(table).data[0]
    assert list(bars.y) == ["Grad-CAM · stage 3 (6 x 6)", "centre · no model"]
    assert not figures.trust_bars(table[1:2]).data


def test_forgetting_is_a_line_a_method_with_its_spread() -> None:
    frame = pd.DataFrame(
        {
            "method": ["a"] * 4 + ["b"] * 4,
            "randomised": ["nothing", "nothing", "head", "head"] * 2,
            "likeness": [1, 1, 0.2, 0.6, 1, 1, -0.4, 0],
        }
    )
    drawn = figures.randomisation_curves(frame, 0.5)
    first, second = drawn.data
    assert list(first.x) == ["nothing", "head"]
    assert list(first.y) == pytest.approx([1, 0.4])
    assert list(first.error_y.array) == pytest.approx([0, 0.2])
    assert list(second.error_y.arrayminus) == pytest.approx([0, 0.2])
    assert drawn.layout.yaxis.range[0] < -0.4
    assert not figures.randomisation_curves(None, 0.5).data
