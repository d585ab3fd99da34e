"""The queue, with a stand-in for training: who runs when, and what stands where, whoever dies in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bcc.datasets import mark
from bcc.errors import UserError
from bcc.jobs import (
    at_work,
    delete,
    deleted,
    describe,
    empty_trash,
    kill,
    move,
    read_job,
    restore,
    resume,
    retry,
    revive,
    stop,
    submit,
    submit_all,
    waiting,
)
from bcc.jobs.devices import device_names
from bcc.jobs.queue_order import in_line, locked, queue_file
from bcc.jobs.worker import work
from bcc.runs import About, Run, RunState, read_about, read_data_in_line
from bcc.training import TrainConfig, read_config

from .conftest import (
    began,
    config,
    processes_of,
    speaks_for_itself,
    statuses,
    wait_for,
    wait_until,
)


def ids(runs: list[Run]) -> list[str]:
    return [run.id for run in runs]


def started(root: Path) -> list[str]:
    return [one for one, what, _ in began(root) if what in ("start", "resume")]


def test_how_the_data_looked_is_kept_until_it_trains(root: Path, hold: Path, learned_npz: Path) -> None:
    waits = TrainConfig(image_size=32, epochs=2, data={"source": str(learned_npz)})
    run = submit(waits)
    before = read_data_in_line(run)
    assert before == mark(str(learned_npz))
    wait_until(run, "running")
    stop(run)
    wait_until(run, "stopped")
    os.utime(learned_npz)
    # Who goes on means the data that the run began with; who begins anew means what is there now.
    resume(run)
    assert read_data_in_line(run) == before
    wait_until(run, "running")
    stop(run)
    wait_until(run, "stopped")
    retry(run)
    assert read_data_in_line(run) == mark(str(learned_npz)) != before
    wait_until(run, "running")
    hold.unlink()
    wait_until(run, "finished")
    assert read_data_in_line(submit(config())) is None


def test_first_in_first_out_one_at_a_time(root: Path) -> None:
    runs = submit_all([(config(seed), None) for seed in range(3)])
    for run in runs:
        wait_until(run, "finished")
    assert began(root) == [
        (run.id, what, devices) for run in runs for what, devices in (("start", "-1"), ("finished", "-"))
    ]
    wait_for(lambda: not processes_of(root))
    assert in_line(root) == []
    assert [read_job(run).devices for run in runs] == [("cpu",)] * 3
    assert [read_config(run.config).seed for run in runs] == [0, 1, 2]


@pytest.mark.timeout(600)
def test_ten_jobs_of_three_processes_each_run_once_and_in_order(root: Path, hold: Path) -> None:
    """Two servers and a shell at once: every run is trained once, in the order of the line."""
    script = (
        "import sys\n"
        "from bcc.jobs import submit\n"
        "from bcc.training import TrainConfig\n"
        "for seed in map(int, sys.argv[1:]):\n"
        "    submit(TrainConfig(seed=seed, image_size=32))\n"
    )
    people = [
        subprocess.Popen([sys.executable, "-c", script, *map(str, seeds)])
        for seeds in ((0, 1, 2), (10, 11, 12), (20, 21, 22, 23))
    ]
    assert [person.wait(240) for person in people] == [0, 0, 0]
    wait_for(lambda: len(in_line(root)) == 9)
    line = [*started(root), *in_line(root)] if started(root) else in_line(root)
    hold.unlink()
    wait_for(lambda: list(statuses(root).values()) == ["finished"] * 10)
    assert len(set(started(root))) == len(started(root)) == 10
    assert started(root)[1:] == line[-9:]
    # Each ended before the next one began.
    assert [what for _, what, _ in began(root)] == ["start", "finished"] * 10
    seeds = [read_config(Run(root / one).config).seed for one in started(root)]
    for first in (0, 10, 20):
        mine = [seed for seed in seeds if first <= seed < first + 10]
        assert mine == sorted(mine)


def test_a_button_pressed_twice_makes_one_run(root: Path, hold: Path) -> None:
    first = submit(config(), run_id="one")
    assert submit(config(), run_id="one") == first
    with pytest.raises(UserError, match="already holds a run"):
        submit(config(seed=5), run_id="one")
    wait_for(lambda: started(root) == ["one"])
    assert submit(config(), run_id="one") == first
    hold.unlink()
    wait_until(first, "finished")
    assert started(root) == ["one"]


def test_order_can_be_changed(root: Path, hold: Path) -> None:
    first, *others = submit_all([(config(seed), None) for seed in range(5)])
    wait_until(first, "running")
    a, b, c, d = ids(others)
    for place, run, line in (
        ("first", c, [c, a, b, d]),
        ("down", c, [a, c, b, d]),
        ("up", d, [a, c, d, b]),
        ("last", a, [c, d, b, a]),
        (2, a, [c, a, d, b]),
        ("up", c, [c, a, d, b]),
        (99, c, [a, d, b, c]),
    ):
        move(Run(root / run), place)  # type: ignore[arg-type]
        assert ids(waiting(root)) == line
    with pytest.raises(UserError, match="does not wait in the queue"):
        move(first, "up")
    hold.unlink()
    wait_until(Run(root / c), "finished")
    assert started(root) == [first.id, a, d, b, c]


def test_stop_take_out_go_on_and_retry(root: Path, hold: Path) -> None:
    first, second = submit_all([(config(seed), None) for seed in range(2)])
    wait_for(lambda: speaks_for_itself(first))
    stop(second)
    assert second.read_state().status == "stopped"
    assert waiting(root) == []
    stop(first)
    wait_until(first, "stopped")
    stop(first)
    assert not first.stop_request.exists()

    hold.unlink()
    created = first.read_state().created
    resume(first)
    wait_until(first, "finished")
    assert first.read_state().created == created
    resume(second)
    wait_until(second, "finished")
    assert [what for _, what, _ in began(root)] == [
        "start",
        "stopped",
        "resume",
        "finished",
        "start",
        "finished",
    ]
    with pytest.raises(UserError, match="has finished"):
        resume(first)
    with pytest.raises(UserError, match="has finished"):
        retry(first)

    first.write_state(RunState("failed", epoch=1, best_validation_accuracy=0.5))
    describe(first, name="kept")
    (root / "hold").touch()
    retry(first)
    assert not first.checkpoint.exists()
    wait_for(lambda: speaks_for_itself(first))
    assert began(root)[-1][:2] == (first.id, "start")
    assert read_about(first).name == "kept"
    assert first.read_state().best_validation_accuracy is None


def test_what_is_at_work_or_waits_is_not_started_twice(root: Path, hold: Path) -> None:
    first, second = submit_all([(config(seed), None) for seed in range(2)])
    wait_for(lambda: speaks_for_itself(first))
    for again in (resume, retry):
        with pytest.raises(UserError, match=f"Run '{first.id}' is still running: stop it first"):
            again(first)
        with pytest.raises(UserError, match=f"Run '{second.id}' waits for its turn already"):
            again(second)
    with pytest.raises(UserError, match="is still running: stop it first"):
        delete(first)
    assert first.config.exists()
    delete(second)
    assert not second.folder.exists()
    assert waiting(root) == []
    hold.unlink()
    wait_until(first, "finished")
    delete(first)
    assert not first.folder.exists()
    assert started(root) == [first.id]
    assert not list(root.glob(".deleted-*"))


def test_killing_ends_the_process_and_not_the_queue(root: Path, hold: Path) -> None:
    first, second = submit_all([(config(seed), None) for seed in range(2)])
    wait_for(lambda: speaks_for_itself(first))
    pid = first.read_state().pid
    assert pid is not None
    kill(first)
    state = first.read_state()
    assert (state.status, state.message) == (
        "stopped", "Killed on request; it can go on from its last checkpoint."
    )  # fmt: skip
    wait_for(lambda: not psutil.pid_exists(pid))
    wait_for(lambda: speaks_for_itself(second))
    assert first.read_state().status == "stopped"
    with pytest.raises(UserError, match="is not at work"):
        kill(first)


def test_a_killed_process_is_lost_and_says_how(root: Path, hold: Path) -> None:
    first, second = submit_all([(config(seed), None) for seed in range(2)])
    wait_for(lambda: speaks_for_itself(first))
    os.kill(first.read_state().pid or 0, 9)
    wait_until(second, "running")
    wait_for(lambda: "killed by signal 9" in first.read_state().message)
    assert first.read_state().status == "lost"
    hold.unlink()
    resume(first)
    wait_until(first, "finished")


@pytest.mark.parametrize("what", ["crash", "die"])
def test_a_command_that_fails_without_a_word_is_failed(root: Path, what: str) -> None:
    (root / what).touch()
    run = submit(config())
    wait_until(run, "failed")
    expected = {
        "crash": "It cannot be done.",
        "die": "The training command ended with status 4 and said nothing.",
    }
    assert run.read_state().message == expected[what]


def test_a_killed_worker_leaves_its_run_alone_and_the_next_waits_for_it(root: Path, hold: Path) -> None:
    first, second = submit_all([(config(seed), None) for seed in range(2)])
    wait_for(lambda: speaks_for_itself(first))
    worker = psutil.Process(read_job(first).worker)
    worker.kill()
    worker.wait()
    assert first.read_state().status == "running"
    third = submit(config(2))
    revive()
    wait_for(lambda: any(p.pid != first.read_state().pid for p in processes_of(root)))
    assert started(root) == [first.id]
    assert ids(waiting(root)) == [second.id, third.id]
    hold.unlink()
    wait_until(third, "finished")
    assert started(root) == ids([first, second, third])
    assert [what for _, what, _ in began(root)] == ["start", "finished"] * 3


@pytest.mark.parametrize("moment", ["before the state", "after the state"])
def test_a_worker_killed_between_taking_and_starting_loses_nothing(root: Path, moment: str) -> None:
    """The run stands in line until its process is there, so the next worker takes it."""
    run = Run(root / "one")
    run.folder.mkdir()
    run.config.write_text(config().model_dump_json())
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    state = RunState("queued", epochs=2)
    if moment == "after the state":
        state = RunState("running", "Starting", epochs=2, pid=dead.pid, process_started=1.0)
    run.write_state(state)
    queue_file(root).write_text(json.dumps({"order": ["one"]}))
    revive()
    wait_until(run, "finished")
    assert started(root) == ["one"]


def test_after_a_restart_the_queue_is_revived(root: Path) -> None:
    """No process is left, the order is on disk: any look at the queue starts a worker."""
    for name in ("b", "a"):
        run = Run(root / name)
        run.folder.mkdir()
        run.config.write_text(config().model_dump_json())
        run.write_state(RunState("queued"))
    queue_file(root).write_text(json.dumps({"order": ["b", "gone", "a"]}))
    revive()
    wait_for(lambda: list(statuses(root).values()) == ["finished"] * 2)
    assert started(root) == ["b", "a"]


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"order": 3}', '{"order": [1, "../x", null]}'])
def test_a_lost_order_costs_the_order_alone(root: Path, content: str | None) -> None:
    for position, name in enumerate(("late", "early")):
        run = Run(root / name)
        run.folder.mkdir()
        run.config.write_text(config().model_dump_json())
        run.write_state(RunState("queued", updated=10.0 - position))
    if content is not None:
        queue_file(root).write_text(content)
    with locked(root) as order:
        order.find_forgotten()
        assert order.ids == ["early", "late"]
    assert ids(waiting(root)) == ["early", "late"]


def test_a_damaged_config_in_line_fails_alone(root: Path) -> None:
    bad = Run(root / "bad")
    bad.folder.mkdir()
    bad.config.write_text('{"epochs": "many"}')
    bad.write_state(RunState("queued"))
    good = submit(config())
    wait_until(good, "finished")
    revive(thoroughly=True)
    wait_until(bad, "failed")
    assert "epochs" in bad.read_state().message


def test_a_second_worker_goes_at_once(root: Path, hold: Path) -> None:
    run = submit(config())
    wait_for(lambda: speaks_for_itself(run))
    work(root, "cpu")
    assert started(root) == [run.id]


def test_each_gpu_takes_the_next(
    root: Path, hold: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A stand-in for nvidia-smi says that there are two; each run sees one of them alone."""
    smi = tmp_path / "nvidia-smi"
    line = "echo '{0}, GPU-{0}, NVIDIA Imaginary, 1000, 10, 5'\n"
    smi.write_text("#!/bin/sh\n" + line.format(0) + line.format(1))
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    device_names.cache_clear()
    runs = submit_all([(config(seed), None) for seed in range(3)])
    wait_for(lambda: len(started(root)) == 2)
    held = {job.devices for job in at_work(root).values()}
    assert held == {("gpu0",), ("gpu1",)}
    assert sorted(devices for _, _, devices in began(root)) == ["0", "1"]
    assert ids(waiting(root)) == [runs[2].id]
    hold.unlink()
    wait_until(runs[2], "finished")
    assert sorted(started(root)) == sorted(ids(runs))


def test_paths_are_made_whole(
    root: Path, hold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cells.npz").touch()
    monkeypatch.chdir(tmp_path)
    run = submit(TrainConfig(data={"source": "cells.npz"}))
    written = read_config(run.config)
    assert written.data.source == str(tmp_path / "cells.npz")
    assert written.weights == "none"


def test_what_people_say_of_a_run_is_kept(root: Path, hold: Path) -> None:
    run = submit(config(), about=About(name=" first ", tags=("a", "a", " ")))
    assert (read_about(run).name, read_about(run).tags) == ("first", ("a",))
    describe(run, favourite=True, note="look")
    assert read_about(run) == About(name="first", tags=("a",), favourite=True, note="look")
    with pytest.raises(UserError, match="favourite"):
        describe(run, favourite="perhaps")
    with pytest.raises(UserError, match="no run directory"):
        describe(Run(root / "nothing"), name="x")


def test_a_runs_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"The runs folder '.*' cannot be made"):
        submit(config(), tmp_path / "file")


@pytest.mark.parametrize("state", ["", "{", json.dumps({"status": "asleep"}), "[" * 100_000])
def test_a_damaged_run_can_be_deleted(root: Path, state: str) -> None:
    run = Run(root / "run")
    run.folder.mkdir()
    run.state.write_text(state)
    delete(run)
    assert not run.folder.exists()
    with pytest.raises(UserError, match="There is no run"):
        delete(run)


def test_what_cannot_go_on_is_not_put_in_line(root: Path) -> None:
    run = Run(root / "run")
    run.folder.mkdir()
    run.write_state(RunState("failed"))
    with pytest.raises(UserError, match="There is no config file"):
        resume(run)
    with pytest.raises(UserError, match="is no run directory"):
        resume(Run(root / "nothing"))
    assert run.read_state().status == "failed"
    assert in_line(root) == []


@pytest.mark.parametrize("made", ["nothing", "other files", "link", "elsewhere", "the folder itself"])
def test_what_is_no_run_of_this_folder_is_not_deleted(root: Path, tmp_path: Path, made: str) -> None:
    (tmp_path / "precious").mkdir()
    Run(tmp_path / "precious").write_state(RunState("finished"))
    folder = {"elsewhere": tmp_path / "precious", "the folder itself": root}.get(made, root / "it")
    if made in ("nothing", "other files"):
        folder.mkdir()
    if made == "other files":
        (folder / "thesis.txt").write_text("years of work")
    if made == "link":
        folder.symlink_to(tmp_path / "precious")
    with pytest.raises(UserError, match="was not deleted"):
        delete(Run(folder))
    assert folder.is_dir()
    assert (tmp_path / "precious" / "state.json").exists()


def test_a_deleted_run_is_taken_back_and_does_not_wait(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.jobs.queue.start_workers", lambda root, devices: None)
    first, second = submit_all([(config(seed), None) for seed in range(2)])
    one = delete(second)
    revive(root, thoroughly=True)
    assert [run.id for run in waiting(root)] == [first.id]
    assert restore(one) == second
    revive(root, thoroughly=True)
    assert second.read_state().status == "stopped"
    assert [run.id for run in waiting(root)] == [first.id]
    assert read_config(second.config) == config(1)
    delete(second)
    delete(first)
    assert [found.name for found in deleted()] == [first.id, second.id]
    assert empty_trash() == 2
    assert deleted() == []
    assert not list(root.glob("[!.]*"))


def test_retry_removes_only_what_the_run_wrote_and_keeps_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bcc.jobs.queue.start_workers", lambda root, devices: None)
    run = submit(config())
    run.write_state(RunState("failed", epoch=1))
    run.history.write_text("epoch\n1\n")
    (run.folder / "recipe-validation.json").write_text("{}")
    run.trust.mkdir()
    (run.folder / "thesis.txt").write_text("years of work")
    (run.folder / "figures").mkdir()
    retry(run)
    assert sorted(path.name for path in run.folder.glob("[!.]*")) == [
        "config.json", "figures", "state.json", "thesis.txt"
    ]  # fmt: skip
    (one,) = deleted()
    before = restore(one)
    assert before.id.startswith(f"{run.id}-before-")
    assert before.history.read_text() == "epoch\n1\n"
    assert before.read_state().status == "failed"
    assert read_config(before.config) == config()
