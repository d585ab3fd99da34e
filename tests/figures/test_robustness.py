from __future__ import annotations

import pandas as pd

from bcc.figures import robustness_map, strength_curve


def test_a_field_for_each_distortion_and_strength() -> None:
    frame = pd.DataFrame(
        {
            "distortion": ["noise"] * 2 + ["blur"] * 2,
            "strength": [0.5, 1.0] * 2,
            "accuracy": [0.9, 0.4, 0.8, 0.7],
            "n": 10,
        }
    )
    drawn = robustness_map(frame, clean=0.95)
    heat = drawn.data[0]
    assert list(heat.y) == ["noise", "blur"]
    assert list(heat.x) == ["none", "50%", "100%"]
    assert [list(row) for row in heat.z] == [[0.95, 0.9, 0.4], [0.95, 0.8, 0.7]]
    shown = {text for trace in drawn.data[1:] for text in trace.text}
    assert shown == {"95%", "90%", "40%", "80%", "70%"}


def test_a_curve_of_right_and_unchanged() -> None:
    frame = pd.DataFrame({"strength": [0, 1.0], "accuracy": [1, 0.5], "unchanged": [1, 0.6], "n": 9})
    drawn = strength_curve(frame)
    assert [list(trace.y) for trace in drawn.data] == [[1, 0.5], [1, 0.6]]


def test_nothing_is_said_in_a_sentence() -> None:
    for drawn in (robustness_map(None), strength_curve(pd.DataFrame())):
        assert drawn.layout.annotations[0].text.startswith("There is no")
