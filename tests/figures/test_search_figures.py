"""Figures of a search."""

from __future__ import annotations

import pandas as pd

from bcc.figures import field_importance, search_history


def test_history_marks_how_runs_ended_and_draws_the_best_so_far() -> None:
    table = pd.DataFrame(
        {
            "number": [1, 2, 3, 4],
            "validation_accuracy": [0.7, 0.6, 0.8, float("nan")],
            "best_so_far": [0.7, 0.7, 0.8, 0.8],
            "state": ["finished", "stopped early", "finished", "failed"],
            "run": ["a", "b", "c<b>", "d"],
        }
    )
    drawn = search_history(table)
    assert [trace.name for trace in drawn.data] == ["finished", "stopped early", "best so far"]
    assert list(drawn.data[0].x) == [1, 3]
    assert list(drawn.data[2].y) == [0.7, 0.7, 0.8]
    assert drawn.data[0].marker.symbol != drawn.data[1].marker.symbol
    assert "<b>" not in str(drawn.data[0].customdata)


def test_importance_has_the_largest_on_top() -> None:
    table = pd.DataFrame({"field": ["all.learning_rate", "dropout"], "importance": [0.9, 0.1]})
    drawn = field_importance(table)
    assert list(drawn.data[0].y) == ["all.learning_rate", "dropout"]
    assert drawn.layout.yaxis.autorange == "reversed"


def test_nothing_is_a_sentence() -> None:
    for drawn in (search_history(None), search_history(pd.DataFrame()), field_importance(None)):
        assert not drawn.data
        assert drawn.layout.annotations[0].text
