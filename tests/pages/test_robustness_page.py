"""The Robustness page: measure, watch, cancel, and read what was kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bcc.evaluation.robustness.single_distortions import NAMES, SAMPLE, SINGLE, Robustness
from pages.parts.background import long_work


def saved(run: Any, dataset: Any, mean: float = 0.5) -> Robustness:
    """A result as the benchmark makes it, kept in the run's directory without measuring."""
    from dataclasses import asdict

    from bcc.runs import write_json

    table = [
        {"distortion": name, "topic": "x", "strength": s, "accuracy": mean, "n": 16}
        for name in NAMES
        for s in (0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    result = Robustness(table, 0.9, mean, 0.9 - mean, 16, "16")
    path = SINGLE._path(run, dataset, SAMPLE)
    path.parent.mkdir(exist_ok=True)
    write_json(path, asdict(result))
    return result


def test_what_was_measured_is_shown(open_page: Callable, finished: Any) -> None:
    assert SINGLE.saved(finished.run, finished.dataset, SAMPLE) is None
    saved(finished.run, finished.dataset)
    app = open_page("robustness", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric} == {
        "Distorted, mean": "50.0%", "Undistorted": "90.0%", "Lost": "40.0 points", "Images": "16",
    }  # fmt: skip
    table = app.dataframe[0].value
    assert table["run"].tolist() == ["done"]
    assert list(table.columns[4:]) == list(NAMES)


def test_it_is_measured_on_request(
    open_page: Callable, finished: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bcc.evaluation.robustness.suite.Suite.of_run",
        lambda suite, run, data, rows, report, stop: saved(run, data, 0.25),
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
    assert work.problem == "Cancelled; nothing was saved."
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


def test_the_other_suites_are_shown(open_page: Callable, finished: Any) -> None:
    from dataclasses import asdict

    from bcc.evaluation.robustness.chained import CHAINED, Chained
    from bcc.evaluation.robustness.laboratories import SUITE, InLaboratories
    from bcc.runs import write_json

    numbers = [{"operations": 1, "accuracy": 0.8, "n": 10}, {"operations": 2, "accuracy": 0.5, "n": 6}]
    chained = Chained(0.7, 0.9, numbers, [{"operation": "shear", "accuracy": 0.25, "n": 4}], 0.95, 16, "16")
    rooms = [{"laboratory": "small cells", "accuracy": 0.6, "sealed": True, "n": 16}]
    for suite, result in ((CHAINED, chained), (SUITE, InLaboratories(rooms, 0.6, 0.6, 0.9, 16, "16"))):
        path = suite._path(finished.run, finished.dataset, SAMPLE)
        path.parent.mkdir(exist_ok=True)
        write_json(path, asdict(result))
    app = open_page("robustness", data=finished.dataset.fingerprint, run="done", suite="chained")
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric} == {
        "Distorted": "70.0%", "Undistorted": "90.0%", "Cell still visible": "95.0%", "Images": "16",
    }  # fmt: skip
    assert [frame.value["which"].tolist() for frame in app.dataframe] == [["1", "2"], ["shear"]]
    low, high = app.dataframe[0].value.loc[0, ["low", "high"]]
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4), "Wilson's interval of 8 of 10"
    app = open_page("robustness", data=finished.dataset.fingerprint, run="done", suite="laboratories")
    assert not app.exception
    assert app.metric[1].value == "60.0%"
    assert app.dataframe[0].value["laboratory"].tolist() == ["small cells"]


@pytest.mark.parametrize("page", ["robustness", "compare"])
def test_the_shipped_model_waits_for_the_built_in_cells(
    open_page: Callable, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.background.built_in_dataset.fingerprint", lambda: None)
    shown = []
    monkeypatch.setattr("pages.parts.background.built_in_dataset.show", lambda: shown.append(page))
    app = open_page(page, run="pbc")
    assert not app.exception
    assert not app.error, "it is no error that the cells are still being painted"
    assert shown
