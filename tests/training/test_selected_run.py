"""A run on a selection leaves its rows out, says so, and keeps a copy of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Selection, delete_selection, import_selection, load
from bcc.errors import UserError
from bcc.jobs import stop
from bcc.runs import Run
from bcc.training import TrainConfig, assemble, read_config
from bcc.training.loop.trainer import Trainer
from bcc.training.train import resume, start

LEFT_OUT = [1, 5, 9, 33]


@pytest.mark.usefixtures("small_network")
def test_a_run_keeps_the_selection_that_it_began_with(
    small_config: Callable[..., TrainConfig],
    learned_npz: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = load(learned_npz)
    chosen = Selection.of(dataset).leave_out(LEFT_OUT, "blurred").keep([2], "fine").save("first look")
    run = Run(tmp_path / "run")
    take = Trainer._record_step

    def taken(self: Trainer, *batch: object) -> None:
        take(self, *batch)
        stop(run)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_record_step", taken)
        start(small_config(data={"selection": "first look"}), run.folder)
    assert run.read_state().status == "stopped"
    sides, _ = run.read_split()
    np.testing.assert_array_equal(np.flatnonzero(sides < 0), LEFT_OUT)
    assert not set(LEFT_OUT) & set(run.read_predictions().rows)
    assert run.read_json(run.dataset)["selection"] == {
        "name": "first look", "left_out": 4, "kept": 1, "reasons": {"blurred": 4},
    }  # fmt: skip
    assert "4 left out by the selection" in run.log.read_text()
    assert import_selection(dataset, run.selection).decisions == chosen.decisions

    # What is decided later, or thrown away, does not reach a run that has begun.
    chosen.leave_out(range(20), "all of them").save("first look")
    delete_selection(dataset, "first look")
    resume(run.folder)
    assert run.read_state().status == "finished"
    np.testing.assert_array_equal(run.read_split()[0], sides)
    assert read_config(run.config).data.selection == "first look"


def test_a_selection_that_is_not_there_ends_the_run_at_once(
    small_config: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="There is no selection 'mine'"):
        start(small_config(data={"selection": "mine"}), tmp_path / "run")
    assert "There is no selection 'mine'" in Run(tmp_path / "run").read_state().message


def test_a_run_on_all_rows_notes_no_selection(finished_run_folder: Path) -> None:
    run = Run(finished_run_folder)
    assert run.read_json(run.dataset)["selection"] is None
    assert not run.selection.exists()


def test_it_is_set_from_a_shell() -> None:
    config = assemble(preset="quick", settings=["data.selection=first look"])
    assert config.data.selection == "first look"
