"""Two servers and a shell on one runs folder: nothing is lost or runs twice, and all three tell the same.

The runs are stand-ins for the training command, which end when told to. With `BCC_REAL_RUNS` set, real
trainings take their place, which needs some minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bcc.jobs import read_job, waiting
from bcc.jobs.worker import PREFIX
from bcc.runs import Run, list_runs
from tests.browser.conftest import ROOT, serving
from tests.conftest import TinyNpz

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

FAKE = ROOT / "tests" / "jobs" / "fake_job.py"
REAL = bool(os.environ.get("BCC_REAL_RUNS"))
LONG_MS = 240_000
"""How long a slow, busy machine may take for one step."""
READ_TABLE = """() => [...document.querySelectorAll("[data-testid=stDataFrame] table")].map((table) => {
    const cells = (row) => [...row.children].map((cell) => cell.innerText || cell.textContent);
    return [...table.querySelectorAll("tr")].map(cells);
})"""


class Shell:
    """What a person types in a terminal.

    Args:
        folder: with `data` and `runs`.
    """

    def __init__(self, folder: Path) -> None:
        self._environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._folder = folder

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "bcc", *words],
            cwd=self._folder,
            env=self._environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *words: str) -> str:
        """What a command prints."""
        return ended(self.begin(*words))

    def submit(self, *words: str) -> str:
        """The id of a new run."""
        return self("submit", *words).split()[0]

    def line(self) -> list[str]:
        """Ids of those that wait, first to last."""
        return [one["id"] for one in json.loads(self("queue", "--json")) if one["position"]]


def ended(command: subprocess.Popen[str]) -> str:
    """What a command has printed, which must have gone well."""
    said, problem = command.communicate(timeout=LONG_MS / 1000)
    assert command.returncode == 0, problem
    return said


@pytest.fixture
def folder(tmp_path: Path, tiny_npz: TinyNpz, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for data and runs; whatever was started there is gone afterwards."""
    for name, place in (("BCC_DATA", "data"), ("BCC_RUNS", "runs")):
        monkeypatch.setenv(name, str(tmp_path / place))
        (tmp_path / place).mkdir()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    if not REAL:
        monkeypatch.setenv(PREFIX, f"{sys.executable} {FAKE}")
        (tmp_path / "runs" / "hold").touch()
    tiny_npz(tmp_path / "cells.npz", rows=64, classes=4, class_names=np.array(["a", "b", "c", "d"]))
    yield tmp_path
    (tmp_path / "runs" / "hold").unlink(missing_ok=True)
    for process in processes_of(tmp_path):
        process.kill()


def processes_of(folder: Path) -> list[psutil.Process]:
    """Workers and jobs of a folder: their command lines name it."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(folder) in word for word in words) and process.pid != os.getpid():
            found.append(process)
    return found


def workers(folder: Path) -> list[psutil.Process]:
    """The processes that take runs out of the queue."""
    return [one for one in processes_of(folder) if "bcc.jobs" in one.info["cmdline"]]


def wait_for(reached: Callable[[], object]) -> None:
    """Until something has happened, however slow the machine is."""
    until = time.monotonic() + LONG_MS / 1000
    while not reached():
        if time.monotonic() > until:
            pytest.fail("it never happened")
        time.sleep(0.05)


def speaks(run: Run) -> bool:
    """Whether the run's own process is at work."""
    return run.log.exists() and run.read_state().status == "running"


def idle(page: Page) -> None:
    """Nothing is being drawn, and nothing went wrong."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    for kind in ("stException", "stAlertContentError"):
        assert page.get_by_test_id(kind).all_inner_texts() == [], page.url


def button(page: Page, key: str) -> Locator:
    """A button by its key: Streamlit has a Stop of its own at the top of the page."""
    return page.locator(f'[class*="st-key-{key}"] button').first


def start_one_like(page: Page, run_id: str, server: str, runs: Path) -> str:
    """Press Start on the Train page with the settings of another run; the id of the new one."""
    page.goto(f"{server}/train?run={run_id}")
    page.get_by_role("radiogroup", name="Start from").get_by_role("radio", name="tiny", exact=True).click()
    expect(page.get_by_text("The settings of tiny, trained again")).to_be_visible()
    idle(page)
    # Until a run stands in the address that was not there before: on its way there the page may name another.
    known = {path.name for path in runs.iterdir()}
    button(page, "start_training").click()
    page.wait_for_url(lambda url: "run=" in url and run_in(url) not in known)
    idle(page)
    return run_in(page.url)


def run_in(url: str) -> str:
    """The run that an address names."""
    return url.split("run=")[1].split("&")[0]


def statuses(page: Page) -> dict[str, str]:
    """Status by id, as the table of the Runs page shows it at this moment."""
    for head, *lines in (table for table in page.evaluate(READ_TABLE) if table):
        if "Run" in head and "Status" in head:
            run, status = head.index("Run"), head.index("Status")
            return {line[run]: line[status] for line in lines}
    return {}


def test_two_servers_and_a_shell_share_one_queue(browser: Browser, folder: Path) -> None:
    runs = folder / "runs"
    shell = Shell(folder)
    settings = ("--data", str(folder / "cells.npz"), "--preset", "quick", "--set", "weights=none")
    settings += ("--set", "image_size=32")
    with serving(folder, "one.log") as first_server, serving(folder, "two.log") as second_server:
        one, two = (browser.new_page(viewport={"width": 1400, "height": 1400}) for _ in range(2))
        for page, server in ((one, first_server), (two, second_server)):
            page.set_default_timeout(LONG_MS)
            page.goto(server)
        expect.set_options(timeout=LONG_MS)

        # Ten runs from three sides, at the same time.
        first = shell.submit(*settings, "--set", "all.epochs=1000")
        wait_for(lambda: speaks(Run(runs / first)))
        tiny = shell.submit(*settings, "--set", "all.epochs=1", "--name", "tiny")
        typed = [shell.begin("submit", "--like", tiny)]
        by_page = []
        for number in range(3):
            by_page.append(start_one_like(one, tiny, first_server, runs))
            if not number:
                typed.append(shell.begin("submit", "--like", first))
            by_page.append(start_one_like(two, tiny, second_server, runs))
        copied, second = (ended(command).split()[0] for command in typed)
        everyone = {first, tiny, copied, second, *by_page}
        assert len(everyone) == 10
        assert {path.parent.name for path in runs.glob("*/config.json")} == everyone
        assert sorted(shell.line()) == sorted(everyone - {first})
        assert len(workers(runs)) == 1

        # Both look at the queue while it is put in another order from all sides.
        for page, server in ((one, first_server), (two, second_server)):
            page.goto(f"{server}/runs")
            expect(page.get_by_role("heading", name="Queue · 9 queued")).to_be_visible()
        typed = [shell.begin("move", second, "first"), shell.begin("move", tiny, "last")]
        for number in range(3):
            button(one, f"up-{by_page[3]}").click()
            button(two, f"down-{by_page[number]}").click()
            idle(one)
            idle(two)
        for command in typed:
            ended(command)
        line = shell.line()
        assert sorted(line) == sorted(everyone - {first})
        shell("move", second, "first")

        # Out of the line, and into the trash and back, from all sides.
        cancelled, stopped, deleted, restored = [run for run in line if run not in (second, tiny)][2:6]
        typed = [shell.begin("stop", stopped), shell.begin("delete", restored, "--yes")]
        button(two, f"cancel-{cancelled}").click()
        one.goto(f"{first_server}/runs?run={deleted}")
        button(one, "delete_run").click()
        button(one, "confirm_delete").click()
        expect(one.get_by_text("is in the trash")).to_be_visible()
        for command in typed:
            ended(command)
        assert sorted(path.name for path in runs.glob(".trash/*/*")) == sorted((deleted, restored))
        expect(two.get_by_role("heading", name="Queue · 5 queued")).to_be_visible()
        button(one, "undo_delete").click()
        wait_for(lambda: (runs / deleted).is_dir())
        two.goto(f"{second_server}/runs?run={restored}")
        two.get_by_text("Trash · 1").click()
        button(two, "take_back").click()
        wait_for(lambda: (runs / restored).is_dir())
        idle(one)
        idle(two)
        shell("resume", restored)
        one.goto(f"{first_server}/runs?run={stopped}")
        button(one, "resume_from_list").click()
        expect(one.get_by_role("heading", level=1, name="Train")).to_be_visible()
        line = shell.line()
        assert line[0] == second
        assert line[-2:] == [restored, stopped]
        assert len(line) == 7
        assert len(workers(runs)) == 1

        # Two are stopped while they are at work; the others go on by themselves.
        for page, server, run_id in ((one, first_server, first), (two, second_server, second)):
            wait_for(lambda run_id=run_id: speaks(Run(runs / run_id)))
            assert len(workers(runs)) == 1
            page.goto(f"{server}/runs?run={run_id}")
            button(page, "stop_from_list").click()
            wait_for(lambda run_id=run_id: Run(runs / run_id).read_state().status == "stopped")
        for page, server in ((one, first_server), (two, second_server)):
            page.goto(f"{server}/runs")
        (runs / "hold").unlink(missing_ok=True)
        wait_for(lambda: not waiting(runs) and not processes_of(runs))
        ends = dict.fromkeys(everyone, "finished")
        ends |= dict.fromkeys((first, second, cancelled, deleted), "stopped")

        assert {one.run.id: one.state.status for one in list_runs(runs) if one.state} == ends
        assert {one["id"]: one["status"] for one in json.loads(shell("runs", "--json"))} == ends
        # The pages follow by themselves.
        for page in (one, two):
            wait_for(lambda page=page: statuses(page) == ends)
            idle(page)

        began = {job.started: name for name in everyone if (job := read_job(Run(runs / name))) is not None}
        assert [began[moment] for moment in sorted(began)] == [first, *line]
        if not REAL:
            told = [text.split()[:2] for text in (runs / "began.txt").read_text().splitlines()]
            assert [name for name, what in told if what in ("start", "resume")] == [first, *line]
            assert [what for _, what in told if what not in ("start", "resume")] == [
                *["stopped"] * 2,
                *["finished"] * 6,
            ]
        one.context.close()
        two.context.close()
    for log in ("one.log", "two.log"):
        assert "Traceback" not in (folder / log).read_text()
    # What is written is written beside its place first: nothing of that is left.
    assert list(runs.rglob(".*.json.*")) == []
    assert list(runs.glob(".trash/*")) == []
    assert not processes_of(folder)
