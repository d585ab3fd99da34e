"""What people say of a run travels with it, and a damaged file is one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.runs import About, Run, RunState, alone, read_about, write_about


def test_it_survives_the_disk(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert read_about(run) == About()
    said = About(
        name="n", note="two\nlines", tags=("a", "b"), favourite=True, what_if="q", varied={"seed": 3}
    )
    write_about(run, said)
    assert read_about(run) == said


@pytest.mark.parametrize("content", ["", "{", "[]", '{"tags": 3}', '{"unknown": 1}'])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: str) -> None:
    run = Run(tmp_path)
    run.about.write_text(content)
    with pytest.raises(UserError, match=r"about\.json|has no field"):
        read_about(run)


def test_one_process_at_a_time_trains_a_run(tmp_path: Path) -> None:
    """Another process is refused while the lock is held, and takes it when its holder was killed."""
    run = Run(tmp_path)
    code = (
        "import sys, pathlib\n"
        "from bcc.runs import Run, alone\n"
        "with alone(Run(pathlib.Path(sys.argv[1]))):\n"
        "    print('held', flush=True)\n"
        "    input()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(UserError, match="is being trained by another process"), alone(run):
        pass
    other.kill()
    other.communicate()
    with alone(run):
        pass


def test_a_run_on_another_machine_is_told_by_its_heartbeat(tmp_path: Path) -> None:
    """On a shared disk its process number says nothing here."""
    run = Run(tmp_path)
    run.write_state(RunState("running").mine().now(host="elsewhere", pid=1))
    assert run.read_state().status == "running"
    run.write_state(RunState("running", pid=1, process_started=1.0, host="elsewhere", updated=1.0))
    assert run.read_state().status == "lost"
