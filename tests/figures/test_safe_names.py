"""Names of classes and runs come from anywhere: figures show their letters and obey none."""

from __future__ import annotations

import json
from html import unescape

import numpy as np
import pandas as pd
import pytest

from bcc import figures
from bcc.figures import label
from bcc.safe_text import shown

HOSTILE = (
    "<b>bold</b>",
    '<a href="javascript:alert(1)">x</a>',
    "a &amp; b",
    "%{secret}",
    "x\u202ey",
    "two\nlines",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_plotly_shows_a_name_letter_by_letter(name: str) -> None:
    made = label(name)
    assert not set("<>{\n\u202e") & set(made)
    assert unescape(made) == shown(name)


def test_names_in_every_figure_are_labels() -> None:
    """Whatever figure draws names of classes or runs, none of their letters reaches plotly as a mark."""
    counts = pd.DataFrame(np.eye(6, dtype=int), index=HOSTILE, columns=HOSTILE)
    count = len(HOSTILE)
    table = pd.DataFrame(
        {
            "class": HOSTILE, "precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 3, "value": 0.5,
            "low": 0.4, "high": 0.6, "count": 5, "kept_count": 4, "added": 1, "repeats": 1.5,
            "row": range(count), "x": 0.0, "y": 1.0, "finding": HOSTILE, "size": 2.0,
        }
    )  # fmt: skip
    curve = pd.DataFrame(
        {
            "false_positive_rate": [0, 1], "true_positive_rate": [0, 1], "threshold": [1, 0],
            "coverage": [0.5, 1], "accuracy": [1, 0.9], "validation_accuracy": [0.5, 0.6], "epoch": [1, 2],
        }
    )  # fmt: skip
    curves = dict.fromkeys(HOSTILE, curve)
    asked = pd.DataFrame({"f": HOSTILE, "g": HOSTILE, "seed": 0, "run": HOSTILE, "validation_accuracy": 0.5})
    drawn = [
        figures.confusion(counts),
        figures.score_intervals(table, "F1"),
        figures.roc_curves(curves, dict.fromkeys(HOSTILE, 0.5)),
        figures.risk_coverage_curves(curves),
        figures.class_counts(table),
        figures.before_and_after(table),
        figures.oversampled(table),
        figures.map_of_rows(table, "class", figures.class_colours(HOSTILE)),
        figures.measured_ranges(table, "size", "size"),
        figures.measured_scatter(table, "size", "size", ("a", "b")),
        figures.run_curves(curves),
        figures.what_if_answer(asked, "f", "g"),
        figures.map_difference(np.ones((2, 2)), *HOSTILE[:2]),
        figures.class_probabilities(np.full(count, 1 / count), HOSTILE),
        figures.probability_sweep(np.arange(2), np.full((2, count), 1 / count), HOSTILE, "size", 0.5),
    ]
    for one in drawn:
        text = json.loads(one.to_json())
        for name in HOSTILE:
            assert not [found for found in _strings(text) if name in found], (name, one.data[0].type)
        assert [found for found in _strings(text) if "bold" in found], "the name is there"


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [found for key, one in value.items() if key != "template" for found in _strings(one)]
    return [found for one in value for found in _strings(one)] if isinstance(value, list) else []
