"""The figures of the Clean page, read back from their traces."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bcc import figures

POINTS = pd.DataFrame(
    {
        "row": [4, 5, 6, 7],
        "x": [0.0, 1, 2, 3],
        "y": [3.0, 2, 1, 0],
        "class": ["basophil", "ig", "ig", "other"],
        "finding": ["", "Blurred", "", ""],
    }
)
COUNTS = pd.DataFrame(
    {
        "class": ["basophil", "ig"],
        "count": [10, 20],
        "kept_count": [10, 15],
        "added": [10, 0],
        "repeats": [2.0, 1],
    }
)
MEASURED = pd.DataFrame(
    {
        "row": [1, 2, 3],
        "class": ["ig", "ig", "basophil"],
        "cell_share": [0.1, 0.2, 0.3],
        "cell_area": [9, 8, 7],
    }
)


def test_the_map_tells_rows_and_keeps_the_view() -> None:
    colours = figures.class_colours(["ig", "basophil", "unused"])
    drawn = figures.map_of_rows(POINTS, "class", colours)
    assert [trace.name for trace in drawn.data] == ["other", "ig", "basophil"], "grey ones lie below"
    assert drawn.data[1].customdata.tolist() == [5, 6]
    assert list(drawn.data[1].text) == ["ig<br>Blurred", "ig"]
    assert drawn.data[1].marker.color == colours["ig"]
    assert drawn.layout.uirevision == "map"


def test_before_and_after() -> None:
    drawn = figures.before_and_after(COUNTS)
    assert list(drawn.data[0].x) == [10, 20]
    assert list(drawn.data[1].x) == [10, 15]
    texts = [note.text for note in drawn.layout.annotations]
    assert texts[0] == "10"
    assert texts[1].startswith("15")
    assert "of 20" in texts[1]


def test_oversampled() -> None:
    drawn = figures.oversampled(COUNTS)
    assert [list(trace.x) for trace in drawn.data] == [[10, 20], [10, 0]]
    assert [note.text for note in drawn.layout.annotations] == ["× 2.00", "× 1.00"]


def test_measurements_by_class() -> None:
    boxes = figures.measured_ranges(MEASURED, "cell_share", "share")
    assert {trace.name: list(trace.x) for trace in boxes.data} == {"ig": [0.1, 0.2], "basophil": [0.3]}
    dots = figures.measured_scatter(MEASURED, "cell_share", "cell_area", ("share", "px"))
    assert [list(trace.customdata) for trace in dots.data] == [[1, 2], [3]]
    assert dots.layout.yaxis.title.text == "px"


@pytest.mark.parametrize("nothing", [None, POINTS.iloc[:0]])
def test_nothing_to_draw_is_a_sentence(nothing: pd.DataFrame | None) -> None:
    for drawn in (
        figures.map_of_rows(nothing, "class", {}),
        figures.before_and_after(nothing),
        figures.oversampled(nothing),
        figures.measured_ranges(nothing, "x", "x"),
        figures.measured_scatter(nothing, "x", "y", ("x", "y")),
    ):
        assert len(drawn.data) == 0
        assert drawn.layout.annotations[0].text.endswith(".")


def test_masks_are_drawn_over_a_image() -> None:
    image = np.full((40, 60, 3), 200, np.uint8)
    mask = np.zeros((40, 60), bool)
    mask[10:20, 10:20] = True
    drawn = figures.outlined(image, {(255, 0, 0): mask})
    assert drawn.shape == (200, 300, 3)
    assert (drawn[150:, 150:] == 200).all(), "outside it is the image"
    assert drawn[75, 75, 0] > 200 > drawn[75, 75, 1]
    assert image.min() == 200, "the image itself is not touched"
