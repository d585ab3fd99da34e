"""A run keeps near copies on one side, names the scan that found them, and no later scan moves a row."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bcc.datasets import Dataset, load
from bcc.evaluation.reports.run_facts import facts_of
from bcc.evaluation.rows import choose_rows, near_copies_note, nearly_seen
from bcc.jobs import stop
from bcc.quality import Findings, near_copies_of, save_scan
from bcc.quality.findings import findings_frame
from bcc.runs import Run, write_arrays
from bcc.training import TrainConfig, read_config
from bcc.training.loop.trainer import Trainer
from bcc.training.train import resume, start


def keep(dataset: Dataset, *groups: list[int]) -> str:
    """Keep a scan that found these groups, and return its mark."""
    rows = np.array([row for group in groups for row in group], np.int64)
    first = np.array([group[0] for group in groups for _ in group], np.int64)
    suggested = np.where(rows == first, "keep", "drop")
    frame = findings_frame(
        rows, "near_duplicate", np.zeros(len(rows)), suggested, ["alike"] * len(rows), first
    )
    table = pd.DataFrame({"near_duplicate": np.zeros(len(dataset))})
    save_scan(Findings(dataset.fingerprint, len(dataset), frame, table, table), dataset, "nobody")
    found = near_copies_of(dataset)
    assert found is not None
    return found.scan


@pytest.mark.usefixtures("small_network")
def test_a_run_keeps_to_the_scan_that_it_began_with(
    small_config: Callable[..., TrainConfig],
    learned_npz: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = load(learned_npz)
    groups = [[0, 1, 2, 3, 4], [10, 11], [20, 21, 22]]
    mark = keep(dataset, *groups)
    run = Run(tmp_path / "run")
    take = Trainer._record_step

    def taken(self: Trainer, *batch: object) -> None:
        take(self, *batch)
        stop(run)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_record_step", taken)
        start(small_config(), run.folder)
    sides, _ = run.read_split()
    for group in groups:
        assert len({int(sides[row]) for row in group if sides[row] >= 0}) == 1
    assert read_config(run.config).data.scan == mark
    written = run.read_json(run.dataset)["near_copies"]
    assert (written["scan"], written["groups"], written["test"], written["validation"]) == (mark, 3, 0, 0)
    assert f"scan {mark}" in run.log.read_text()
    assert "0 test and 0 validation rows have one among the training rows" in run.log.read_text()

    # A later scan finds more, across the sides; the run goes on as it began.
    test, train = np.flatnonzero(sides == 2)[:2], np.flatnonzero(sides == 0)[:1]
    other = keep(dataset, [int(row) for row in (*train, *test)])
    assert other != mark
    resume(run.folder)
    assert run.read_state().status == "finished"
    np.testing.assert_array_equal(run.read_split()[0], sides)
    assert read_config(run.config).data.scan == mark
    assert run.read_json(run.dataset)["near_copies"] == written

    # The scores are read with what is known by now.
    assert nearly_seen(run, "test") == 2
    note = near_copies_note(run, "test")
    assert note.startswith("2 test images have near copies among the training images")
    assert note in choose_rows(run, dataset).notes
    assert note in facts_of(run).caveats


def test_a_run_on_data_that_nobody_scanned_says_so(finished_run_folder: Path) -> None:
    run = Run(finished_run_folder)
    assert run.read_json(run.dataset)["near_copies"] is None
    assert read_config(run.config).data.scan == "last"
    assert not run.near_copies.exists()
    assert "Near copies were not looked for" in run.log.read_text()
    assert nearly_seen(run, "test") is None
    assert near_copies_note(run, "test") == ""
    assert any("were not looked for" in caveat for caveat in facts_of(run).caveats)


def test_a_run_of_an_older_version_has_no_word_on_near_copies(tmp_path: Path) -> None:
    run = Run(tmp_path)
    older = {
        "fingerprint": "0123456789abcdef",
        "source": "cells.npz",
        "class_names": ["a", "b"],
        "preprocessing": "none",
        "rows": 3,
        "picture_size": [8, 8],
    }
    run.dataset.write_text(json.dumps(older))
    write_arrays(run.split, split=np.zeros(3, np.int8), train_hashes=np.zeros((3, 2), np.uint64))
    assert nearly_seen(run, "test") is None
