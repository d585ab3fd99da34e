from __future__ import annotations

import errno
import io
import logging
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bcc.errors import UserError
from bcc.runs import Run, RunState
from bcc.training.config.phases import AllPhase
from bcc.training.loop.signals import stop_on_signals
from bcc.training.loop.throughput import Throughput
from bcc.training.loop.train_state import TrainState
from bcc.training.records.run_writer import LOGGER, RunWriter


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


@pytest.fixture
def writer(run: Run) -> Iterator[RunWriter]:
    with RunWriter(run, RunState("running", epochs=3).mine()) as writer:
        yield writer


def test_rows_are_appended_under_one_header(writer: RunWriter, run: Run) -> None:
    writer.add_epoch({"epoch": 1, "loss": 1 / 3})
    writer.add_epoch({"epoch": 2, "loss": 0.25})
    assert run.history.read_text() == "epoch,loss\n1,0.333333\n2,0.25\n"


def test_what_came_after_a_checkpoint_is_forgotten(writer: RunWriter, run: Run) -> None:
    for step in range(1, 8):
        writer.add_batch({"step": step, "epoch": (step - 1) // 3 + 1, "loss": step / 7})
    before = run.batches.read_text().splitlines()
    for epoch in (1, 2):
        writer.add_epoch({"epoch": epoch, "loss": epoch / 3})
    with run.batches.open("a") as file:
        file.write("8,3,0.9")  # the process was killed while it wrote this line
    writer.truncate_after(4, 1)
    assert run.batches.read_text().splitlines() == before[:5]
    assert run.history.read_text() == "epoch,loss\n1,0.333333\n"
    writer.add_batch({"step": 5, "epoch": 2, "loss": 5 / 7})
    assert run.batches.read_text().splitlines() == before[:6]


def test_forgetting_everything_leaves_a_file_to_go_on_with(writer: RunWriter, run: Run) -> None:
    writer.add_batch({"step": 1, "loss": 0.5})
    writer.truncate_after(0, 0)
    writer.add_batch({"step": 1, "loss": 0.25})
    assert run.read_batches().to_dict("list") == {"step": [1], "loss": [0.25]}


def test_a_piece_of_a_line_is_not_gone_on_with(writer: RunWriter, run: Run) -> None:
    """What a process leaves that is killed while it writes: half a head, or half a row below it."""
    for left in ("epo", "epoch,loss\n1,0.2", "epoch,loss\n1,0.25\n2,0."):
        run.history.write_text(left)
        writer.truncate_after(step=9, epoch=1)
        writer.add_epoch({"epoch": 2, "loss": 0.5})
        kept = "1,0.25\n" if left.endswith("2,0.") else ""
        assert run.history.read_text() == f"epoch,loss\n{kept}2,0.5\n", left


def test_the_state_is_not_written_at_every_step(writer: RunWriter, run: Run) -> None:
    writer.update(force=True, step=1)
    writer._written += 1000  # the clock stands still
    writer.update(step=2)
    assert run.read_state().step == 1
    writer.update(force=True)
    assert run.read_state().step == 2


def test_the_state_is_written_once_a_second(writer: RunWriter, run: Run) -> None:
    writer._written -= 1000
    writer.update(step=5)
    assert run.read_state().step == 5


def test_a_request_to_stop_shows_in_the_state(writer: RunWriter, run: Run) -> None:
    assert not writer.stop_wanted()
    run.stop_request.touch()
    assert writer.stop_wanted()
    writer.update(force=True)
    assert run.read_state().status == "stopping"
    writer.update(force=True, status="stopped")
    assert run.read_state().status == "stopped"


def test_the_log_is_closed_with_the_journal(run: Run) -> None:
    before = list(LOGGER.handlers)
    with RunWriter(run, RunState("running").mine()) as writer:
        writer.begin_stage("Reading the data")
    LOGGER.info("after the end")
    assert LOGGER.handlers == before
    text = run.log.read_text()
    assert text.endswith("Reading the data\n")
    assert run.read_state().stage == "Reading the data"
    assert logging.getLogger("bcc") is LOGGER


def test_progress_says_how_long_a_stage_goes_on(writer: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("bcc.training.records.run_writer.time", SimpleNamespace(monotonic=lambda: clock[0]))

    def stage(share: float, seconds: float) -> str:
        clock[0] += seconds
        writer.report(share, "Painting")
        return writer.state.stage

    writer.begin_stage("Reading the data")
    assert stage(0.0, 1) == "Painting"
    assert stage(0.1, 1) == "Painting"
    assert stage(0.25, 9) == "Painting, about 30 s left"
    assert stage(0.26, 90) == "Painting, about 5 minutes left"
    assert stage(1.0, 1) == "Painting"
    # Another stage begins anew.
    writer.begin_stage("Predicting")
    assert stage(0.5, 5) == "Painting"
    assert stage(0.75, 5) == "Painting, about 5 s left"


def test_a_full_disk_is_one_sentence(writer: RunWriter, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(UserError, match=r"The disk is full: 'history.csv' could not be written to"):
        writer.add_epoch({"epoch": 1})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_the_run_to_stop(run: Run, number: int) -> None:
    before = signal.getsignal(number)
    with stop_on_signals(run):
        os.kill(os.getpid(), number)
        assert run.stop_request.exists()
    assert signal.getsignal(number) is before


def test_a_second_interrupt_ends_at_once(run: Run) -> None:
    with stop_on_signals(run):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_other_threads_leave_signals_alone(run: Run) -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[Any] = []

    def work() -> None:
        with stop_on_signals(run):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_speed_leaves_compiling_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("bcc.training.loop.throughput.time.monotonic", lambda: now[0])
    clock = Throughput(batch_size=10, steps=100)
    assert clock.seconds_left(0) is None
    now[0] += 60  # the first step compiles
    clock.tick()
    assert clock.seconds_left(1) is None
    for _ in range(5):
        now[0] += 2
        clock.tick()
    assert clock.speed == pytest.approx(5)
    assert clock.seconds_left(40) == pytest.approx(120)
    now[0] += 500  # validation
    clock.skip()
    now[0] += 2
    clock.tick()
    assert clock.speed == pytest.approx(5)


def test_position_survives_a_checkpoint_and_means_its_epoch() -> None:
    position = TrainState()
    position.count(2.0, 0.5)
    position.count(1.0, 1.0)
    restored = TrainState.from_dict({key: float(value) for key, value in position.to_dict().items()})
    assert restored == position
    assert isinstance(restored.step, int)
    restored.count(0.0, 0.0)
    phase = AllPhase()
    assert restored.end_epoch(0.5, 0.9, phase) == (1.0, 0.5)
    assert (restored.step, restored.counted, restored.epochs_without_progress) == (3, 0, 0)
    restored.count(1.0, 1.0)
    restored.end_epoch(0.1, 0.9, phase)
    assert restored.epochs_without_progress == 1
    restored.count(1.0, 1.0)
    restored.end_epoch(0.05, 0.9, AllPhase(monitor="loss"))
    assert (restored.epoch, restored.epochs_without_progress) == (3, 2)


def test_a_position_from_before_there_were_phases() -> None:
    old = {"step": 10.0, "best": 0.5, "epochs_without_progress": 1.0, "loss_sum": 0.0, "accuracy_sum": 0.0,
           "counted": 0.0}  # fmt: skip
    position = TrainState.from_dict(old, steps_per_epoch=5)
    assert (position.step, position.phase, position.phase_step, position.epoch) == (10, 0, 10, 2)
    assert (position.best, position.phase_best) == (0.5, 0.5)


def test_a_plateau_cuts_the_rate_after_waiting() -> None:
    phase = AllPhase(schedule="plateau", plateau_patience=2, plateau_factor=0.5)
    position, scales = TrainState(), []
    for accuracy in (0.5, 0.4, 0.5, 0.3, 0.2, 0.6, 0.6):
        position.count(1.0, 1.0)
        position.end_epoch(1.0, accuracy, phase)
        scales.append(position.plateau_scale)
    assert scales == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.25]
    position.enter_next_phase()
    assert (position.plateau_scale, position.phase, position.phase_first_epoch) == (1.0, 1, 7)


def test_a_full_disk_under_the_log_ends_the_run_with_a_sentence(writer: RunWriter, run: Run) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    whole = writer._handler.stream
    writer._handler.stream = Full()
    try:
        with pytest.raises(UserError, match=r"^The disk is full: 'log.txt' could not be written to"):
            LOGGER.info("one line too many")
    finally:
        writer._handler.stream = whole


def test_room_is_held_back_for_the_last_words(writer: RunWriter, run: Run) -> None:
    """On a full disk the state could not say that the run failed, were it not for the file given up then."""
    reserve = run.folder / ".reserve"
    assert reserve.stat().st_size >= 16 * 4096
    writer.fail("The disk is full.")
    assert not reserve.exists()
    assert (run.read_state().status, run.read_state().message) == ("failed", "The disk is full.")
    assert run.log.read_text().endswith("Failed: The disk is full.\n")
