"""Files of a run, damaged in many ways: a sentence that names the file, and no other run is stopped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import calibration_of
from bcc.evaluation.reports.model_card import model_card
from bcc.jobs import answer, at_work, over_seeds, questions, read_job, waiting
from bcc.runs import About, Run, RunState, list_runs, write_about
from bcc.runs.table import runs_table

NESTED = "[" * 100_000
SCRAPS = [
    "",
    "{",
    "[]",
    "null",
    '"text"',
    "{}",
    NESTED,
    '{"a":' * 5000,
    "NaN",
    '{"a": NaN}',
    '{"a": "\ud800"}',
    "\0",
]
VALUES: list[Any] = [None, 1e300, "text", [[1]], -1, "\0\n", {}, 10**30, ["a"] * 3, "x" * 5000]


@pytest.fixture
def run(finished_run_folder: Path) -> Run:
    """A copy of a good run, with another good one beside it."""
    root = Path(os.environ["BCC_RUNS"])
    shutil.copytree(finished_run_folder, root / "good")
    return Run(shutil.copytree(finished_run_folder, root / "damaged"))


def read_all(run: Run) -> list[str]:
    """Read everything that pages, lists and reports read; the sentences that came of it."""
    readers: list[Callable[[], Any]] = [
        run.read_state, run.read_history, run.read_batches, run.last_batch, run.read_split,
        run.read_predictions,
        run.read_watched, lambda: run.read_json(run.config), lambda: run.read_json(run.dataset),
        lambda: run.read_json(run.metrics), lambda: calibration_of(run), lambda: read_job(run),
    ]  # fmt: skip
    said = []
    for read in readers:
        try:
            read()
        except UserError as error:
            said.append(str(error))
    listed = list_runs(run.folder.parent)
    assert {one.run.id: one.problem for one in listed}["good"] == ""
    assert len(runs_table(listed)) == 2
    for asked in questions(listed).values():
        over_seeds(answer(asked))
    assert (at_work(run.folder.parent), waiting(run.folder.parent)) == ({}, [])
    assert all("\n" not in one and len(one) < 400 for one in said)
    return said


@pytest.mark.parametrize("name", ["state.json", "dataset.json", "metrics.json", "about.json"])
def test_scraps_in_place_of_a_file(run: Run, name: str) -> None:
    for scrap in SCRAPS:
        (run.folder / name).write_bytes(scrap.encode("utf-8", "surrogatepass"))
        said = read_all(run)
        assert all(name in one for one in said)
        if name in ("state.json", "dataset.json"):
            assert said


def places(values: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON object, three levels deep."""
    for key, value in values.items():
        yield (*above, key)
        if isinstance(value, dict) and len(above) < 2:
            yield from places(value, (*above, key))


@pytest.mark.parametrize("name", ["state.json", "dataset.json", "metrics.json", "about.json"])
def test_every_field_with_every_wrong_value(run: Run, name: str) -> None:
    write_about(run, About(name="n", what_if="q", varied={"dropout": 0.1, "seed": 1}))
    file = run.folder / name
    whole = file.read_text()
    for number, place in enumerate(list(places(json.loads(whole)))[:14]):
        # Two of the values for each field; all of them take their turn.
        for value in (VALUES[number * 2 % len(VALUES)], VALUES[(number * 2 + 1) % len(VALUES)]):
            values = json.loads(whole)
            inner = values
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = value
            file.write_text(json.dumps(values))
            assert all(
                name in one for one in read_all(run) if "predictions" not in one and "watched" not in one
            )


def arrays_of(kind: str, values: np.ndarray) -> list[np.ndarray]:
    """An array of another shape, type or content."""
    return [
        values[:0], values[1:], values[None], np.float64(3), values.astype(str), values.astype(bool),
        np.full(values.shape, np.nan), np.full(values.shape, 1e300), np.zeros(values.shape, [("a", int)]),
        values.repeat(3, axis=-1),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["split.npz", "predictions.npz", "watched.npz"])
def test_arrays_of_another_kind(run: Run, name: str) -> None:
    file = run.folder / name
    whole = file.read_bytes()
    with np.load(file) as kept:
        arrays = dict(kept)
    for field, values in arrays.items():
        for other in arrays_of(field, values):
            np.savez(file, **{**arrays, field: other})
            said = read_all(run)
            assert all(name in one for one in said)
            if field == "probabilities" and name == "predictions.npz":
                assert said, other
    for scrap in (b"", whole[:-60], whole[40:], whole.replace(b"'shape': (", b"'shape': (9"), b"PK\3\4"):
        file.write_bytes(scrap)
        assert any(name in one for one in read_all(run))


@pytest.mark.parametrize("name", ["history.csv", "batches.csv"])
def test_tables_that_are_none(run: Run, name: str) -> None:
    file = run.folder / name
    whole = file.read_text()
    for scrap in ("\0\0\n", "a\n\x00\n", "epoch,loss\nx,1\n", "epoch\n1e300\n", "epoch\n-1\n", "epoch\n1.5\n",
                  f"{whole}1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n", whole.replace("0.", "x."),
                  "\n\n"):  # fmt: skip
        file.write_text(scrap)
        assert all(name in one for one in read_all(run))
    file.write_bytes(b"\xff\xfe\n\n")
    assert any(name in one for one in read_all(run))
    for empty in ("", "epoch,loss\n", whole + "1,"):
        file.write_text(empty)
        assert read_all(run) == []


def test_pipes_and_folders_in_place_of_files_are_not_waited_for(run: Run) -> None:
    for name in ("state.json", "about.json", "metrics.json", "predictions.npz", "history.csv", "watched.npz"):
        kept = (run.folder / name).read_bytes() if (run.folder / name).exists() else b""
        for make in (os.mkfifo, os.mkdir):
            (run.folder / name).unlink(missing_ok=True)
            make(run.folder / name)
            assert all(name in one for one in read_all(run))
            (run.folder / name).unlink() if make is os.mkfifo else (run.folder / name).rmdir()
        if kept:
            (run.folder / name).write_bytes(kept)


def test_predictions_of_other_classes_or_rows_are_named(run: Run) -> None:
    values = json.loads(run.dataset.read_text())
    run.dataset.write_text(json.dumps({**values, "class_names": ["a", "b"]}))
    with pytest.raises(UserError, match=r"predictions\.npz .* 4 classes, and dataset\.json names 2"):
        run.read_predictions()
    run.dataset.write_text(json.dumps({**values, "rows": 3}))
    with pytest.raises(UserError, match=r"predictions\.npz .*'rows' holds numbers outside 0 to 2"):
        run.read_predictions()
    with pytest.raises(UserError, match=r"predictions\.npz"):
        model_card(run)


def test_a_run_whose_name_is_no_text_is_shown_with_escapes(run: Run) -> None:
    odd = Run(run.folder.with_name("odd\udcff"))
    odd.folder.mkdir()
    odd.write_state(RunState("queued"))
    assert odd.id == "odd\\udcff"
    assert "odd\\udcff" in [one.run.id for one in list_runs(run.folder.parent)]
    runs_table(list_runs(run.folder.parent)).to_json().encode()
