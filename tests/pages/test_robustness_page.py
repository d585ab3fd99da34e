"""The Robustness page: measure, watch, cancel, and read what was kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bcc.evaluation.robustness.benchmark import NAMES, Robustness, saved_robustness
from pages.parts.background import long_work


def told(run: Any, dataset: Any, mean: float = 0.5) -> Robustness:
    """A result as the benchmark makes it, kept in the run's directory without measuring."""
    from dataclasses import asdict

    from bcc.evaluation.robustness import benchmark as benchmark
    from bcc.runs import write_json

    table = [
        {"distortion": name, "topic": "x", "strength": s, "accuracy": mean, "n": 16}
        for name in NAMES
        for s in (0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    result = Robustness(table, 0.9, mean, 0.9 - mean, 16, "16")
    path = benchmark._kept(run, dataset, benchmark.SAMPLE)
    path.parent.mkdir(exist_ok=True)
    write_json(path, asdict(result))
    return result


def test_what_was_measured_is_shown(open_page: Callable, finished: Any) -> None:
    assert saved_robustness(finished.run, finished.dataset) is None
    told(finished.run, finished.dataset)
    app = open_page("robustness", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric} == {
        "Distorted, mean": "50.0%", "As they are": "90.0%", "Lost": "40.0 points", "Images": "16",
    }  # fmt: skip
    table = app.dataframe[0].value
    assert table["run"].tolist() == ["done"]
    assert list(table.columns[4:]) == list(NAMES)


def test_it_is_measured_on_request(
    open_page: Callable, finished: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bcc.evaluation.robustness.benchmark.robustness",
        lambda run, data, rows, report, stop: told(run, data, 0.25),
    )
    app = open_page("robustness", data=finished.dataset.fingerprint, run="done")
    assert "Not measured yet" in app.info[0].value
    app.button(key="measure_robustness").click().run()
    app.run()
    assert not app.exception
    assert app.metric[0].value == "25.0%"


def test_work_can_be_called_off_and_is_done_once() -> None:
    class Off(Exception):  # noqa: N818
        pass

    begun = []

    def working(report: Callable, stop: Callable[[], bool]) -> None:
        begun.append(1)
        report(0.5, "half")
        while not stop():
            pass
        raise Off

    work = long_work.start("test", working, (Off,))
    assert long_work.start("test", working, (Off,)) is work
    work.called_off.set()
    assert work.thread is not None
    work.thread.join(30)
    assert not work.alive
    assert begun == [1]
    assert work.problem == "Cancelled; nothing was kept."
    long_work.forget("test")
    assert long_work.find("test") is None


def test_a_crash_in_long_work_shows_on_the_page() -> None:
    def working(report: Callable, stop: Callable[[], bool]) -> None:
        raise ZeroDivisionError("nobody expected this")

    work = long_work.start("crash", working, ())
    assert work.thread is not None
    work.thread.join(30)
    with pytest.raises(ZeroDivisionError):
        long_work.under_way("crash", "cancel")
    assert not long_work.under_way("crash", "cancel")


def test_without_a_run_it_says_what_to_do(open_page: Callable, tiny: Any) -> None:
    app = open_page("robustness", data=tiny.fingerprint)
    assert not app.exception
    assert "no trained run yet" in app.info[0].value
