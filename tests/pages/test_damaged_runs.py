"""A damaged run, or one that is deleted while a page shows it, is a sentence there and never a crash."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from bcc.jobs import delete
from bcc.runs import Run


def break_it(run: Run, how: str) -> None:
    """Damage one file."""
    dataset = json.loads(run.dataset.read_text())
    metrics = json.loads(run.metrics.read_text())
    if how == "nested state":
        run.state.write_text("[" * 100_000)
    elif how == "nested config":
        run.config.write_text('{"a":' * 5000)
    elif how == "few classes":
        run.dataset.write_text(json.dumps({**dataset, "class_names": ["a"]}))
    elif how == "no data":
        run.dataset.write_text("[]")
    elif how == "odd metrics":
        run.metrics.write_text(json.dumps({**metrics, "test": 3, "baseline": "x"}))
    elif how == "no numbers":
        run.history.write_text("epoch,loss\nx,y\n")
        run.batches.write_text("step,learning_rate\n1,abc\n")
        run.watched.write_bytes(b"PK")
    else:
        run.predictions.write_bytes(b"PK\3\4 and nothing else")
        run.split.write_bytes(b"")


@pytest.mark.parametrize(
    ("how", "pages"),
    [
        ("nested state", ("runs", "home", "train")),
        ("nested config", ("runs", "train")),
        ("few classes", ("runs", "metrics", "predict")),
        ("no data", ("runs", "metrics", "saliency", "compare")),
        ("odd metrics", ("runs", "metrics", "train")),
        ("no numbers", ("runs", "train", "metrics")),
        ("no predictions", ("metrics", "compare", "robustness", "augment")),
    ],
)
def test_pages_survive_a_damaged_run(
    open_page: Callable, finished: Any, how: str, pages: tuple[str, ...]
) -> None:
    shutil.copytree(finished.run.folder, finished.run.folder.with_name("good"))
    break_it(finished.run, how)
    for page in pages:
        app = open_page(page, data=finished.dataset.fingerprint, run="done")
        assert not app.exception, page
        if page == "runs":
            table = app.dataframe[0].value.set_index("run")
            assert table.loc["good", "problem"] == ""


def test_a_run_is_deleted_while_pages_show_it(open_page: Callable, finished: Any, texts: Callable) -> None:
    shutil.copytree(finished.run.folder, finished.run.folder.with_name("good"))
    shown = [
        (page, open_page(page, data=finished.dataset.fingerprint, run="done"))
        for page in ("runs", "metrics", "train")
    ]
    delete(finished.run)
    for page, app in shown:
        app.run()
        assert not app.exception, page
    app = shown[0][1]
    app.button(key=next(b.key for b in app.button if str(b.key).startswith("take_back:"))).click().run()
    assert not app.exception
    assert finished.run.metrics.exists()
