from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import SPLITS
from bcc.errors import UserError
from bcc.runs import Run, RunState, write_arrays


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "first")
    run.folder.mkdir()
    run.write_state(RunState("finished"))
    return run


@pytest.mark.parametrize("name", ["config", "dataset", "metrics"])
def test_a_missing_json_file_is_named(run: Run, name: str) -> None:
    with pytest.raises(UserError) as caught:
        run.read_json(getattr(run, name))
    assert str(caught.value) == (
        f"Run 'first' has no {name}.json: it has not got that far, or the file was taken away."
    )


def test_missing_arrays_are_named(run: Run) -> None:
    for read, name in ((run.read_split, "split.npz"), (run.read_predictions, "predictions.npz")):
        with pytest.raises(UserError, match=f"Run 'first' has no {name}: it has not got that far"):
            read()


def test_a_folder_that_is_no_run_is_called_so(tmp_path: Path) -> None:
    empty = Run(tmp_path)
    for read in (empty.read_state, empty.read_split, empty.read_predictions):
        with pytest.raises(UserError, match="is no run directory"):
            read()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"{'a': 1}"])
def test_damaged_json_is_named(run: Run, content: bytes) -> None:
    run.config.write_bytes(content)
    with pytest.raises(UserError, match=r"config.json of run 'first' cannot be read"):
        run.read_json(run.config)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"plain text"])
def test_damaged_arrays_are_named(run: Run, content: bytes) -> None:
    run.split.write_bytes(content)
    run.predictions.write_bytes(content)
    for read, name in ((run.read_split, "split.npz"), (run.read_predictions, "predictions.npz")):
        with pytest.raises(UserError, match=f"{name} of run 'first' is damaged"):
            read()


def test_arrays_that_lack_one_are_damaged(run: Run) -> None:
    write_arrays(run.predictions, rows=np.arange(3))
    with pytest.raises(UserError, match=r"predictions.npz of run 'first' is damaged"):
        run.read_predictions()


def test_a_truncated_array_file_is_damaged(run: Run) -> None:
    write_arrays(run.split, split=np.zeros(5000, np.int8), train_hashes=np.zeros((900, 2), np.uint64))
    run.split.write_bytes(run.split.read_bytes()[:-200])
    with pytest.raises(UserError, match=r"split.npz of run 'first' is damaged"):
        run.read_split()


def test_predictions_of_one_split(run: Run) -> None:
    write_arrays(
        run.predictions,
        rows=np.array([4, 9, 11]),
        split=np.array([1, 2, 1], np.int8),
        labels=np.array([0, 1, 1]),
        probabilities=np.array([[1, 0], [0, 1], [0.5, 0.5]], np.float32),
    )
    chosen = run.read_predictions().of(SPLITS.index("validation"))
    assert chosen.rows.tolist() == [4, 11]
    assert chosen.labels.tolist() == [0, 1]
    assert chosen.probabilities.tolist() == [[1, 0], [0.5, 0.5]]


def test_a_history_being_written_ends_with_its_last_whole_line(run: Run) -> None:
    run.history.write_text("epoch,loss\n1,0.5\n2,0.2")
    assert run.read_history()["epoch"].tolist() == [1]
    run.history.write_text("epoch,loss\n1,0.5\n2,0.25\n")
    assert run.read_history()["loss"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize("content", [None, "", "epoch,lo", "epoch,loss\n"])
def test_a_history_without_rows_is_empty(run: Run, content: str | None) -> None:
    if content is not None:
        run.batches.write_text(content)
    assert len(run.read_batches()) == 0


def test_tail_reads_the_end(run: Run) -> None:
    run.log.write_text("".join(f"line {i} größer\n" for i in range(5000)), encoding="utf-8")
    assert run.tail(run.log, 2).splitlines() == ["line 4998 größer", "line 4999 größer"]
    assert run.tail(run.console) == ""


def test_a_copied_run_reads_the_same(finished_run_folder: Path, tmp_path: Path) -> None:
    """Nothing outside of the directory knows about a run, and it may be renamed."""
    copy = Run(shutil.copytree(finished_run_folder, tmp_path / "another-name"))
    original = Run(finished_run_folder)
    assert copy.read_state() == original.read_state()
    assert copy.read_json(copy.metrics) == original.read_json(original.metrics)
    assert copy.read_history().equals(original.read_history())
    assert (copy.read_split()[0] == original.read_split()[0]).all()
