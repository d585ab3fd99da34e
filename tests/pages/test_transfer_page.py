"""The Other laboratory page: scores there beside those at home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bcc.datasets import load


def values(app: Any) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_runs_own_data_is_no_other_laboratory(open_page: Callable, finished: Any) -> None:
    app = open_page("transfer", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert "is the run's own" in app.info[0].value


def test_another_set_is_scored_and_compared(
    open_page: Callable, finished: Any, tiny_npz: Callable[..., Path], data_folder: Path, html: Callable
) -> None:
    names = np.array(["amber", "blue", "cyan", "dark"])
    other = load(tiny_npz(data_folder / "other.npz", rows=60, classes=4, seed=9, class_names=names))
    app = open_page("transfer", data=other.fingerprint, run="done")
    assert not app.exception
    assert not app.error
    assert values(app)["Images"] == "60"
    assert values(app)["Unfamiliar"].endswith("%")
    captions = " ".join(str(one.value) for one in app.caption)
    assert "classes were matched by their order" in captions
    assert any("**Background**" in one.value for one in app.markdown)
    classes = app.dataframe[0].value
    assert classes["class"].tolist() == list(finished.run.class_names)
    text = html(app)
    assert "Images of the other set" in text
    assert "Images that the run was trained on" in text


def test_the_steps_are_tried_when_asked(
    open_page: Callable, finished: Any, tiny_npz: Callable[..., Path], data_folder: Path
) -> None:
    names = np.array(["amber", "blue", "cyan", "dark"])
    other = load(tiny_npz(data_folder / "other.npz", rows=80, classes=4, seed=9, class_names=names))
    app = open_page("transfer", data=other.fingerprint, run="done")
    assert not any("title" in frame.value for frame in app.dataframe)
    app.button(key="climb").click().run()
    assert not app.exception
    assert not app.error
    table = next(frame.value for frame in app.dataframe if "title" in frame.value)
    assert table["title"].iloc[0] == "As it is"
    assert {"scale", "features", "views", "temperature", "head5"} <= set(table["name"])
