"""Several people in the app at once beside a run that trains: how quick it stays, what breaks, and whether
the server's memory grows.

`python -m bench.soak --minutes 30 --browsers 5 --keep FOLDER`; `python -m bench soak` takes three minutes.
The server, a finished quick run, a scan and a run that trains on the CPU until all is over have data and runs
folders of their own. Each person goes through nine pages (`bench.visitors`), a deed every 8 to 15 s. The
memory is that of the server's process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bench.pages import BROWSER, _await_server, _serve, chromium_path
from bench.report import machine, table
from bench.visitors import TITLES, Action, Visitor

AFTER = 120.0
"""Seconds from the last browser's end until the memory is measured once more."""
WARM = 45.0
"""Seconds after the first page in which the server loads TensorFlow."""
TRAINING = ("--preset", "quick", "--set", "weights=none", "--set", "all.epochs=1000")
"""Begins from nothing, so that the weights on disk change often."""


@dataclass(frozen=True)
class Reading:
    """What the machine looked like: seconds since the visitors came, MB of the server, load of one minute."""

    seconds: float
    megabytes: float
    load: float


def main(minutes: float = 3.0, browsers: int = 5, seed: int = 0, keep: Path | None = None) -> None:
    """Measure and print three tables.

    Args:
        minutes: how long the visitors stay.
        browsers: how many there are.
        seed: of what they do.
        keep: a folder for every action, every reading and the server's log.
    """
    chromium = chromium_path()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"BCC_DATA": f"{folder}/data", "BCC_RUNS": f"{folder}/runs"}
        log = Path(folder) / "server.log"
        _bcc("train", "--preset", "quick", "--run", f"{folder}/runs/finished")
        _bcc("scan", "synthetic")
        trained = _train()
        with log.open("w") as output:
            server, address = _serve(output)
        readings: list[Reading] = []
        try:
            before = asyncio.run(_warm_up(chromium, address, server.pid))
            with _watching(server.pid, readings):
                found = asyncio.run(_visit(chromium, address, minutes, browsers, seed))
                time.sleep(AFTER)
            state = trained.read_state()
        finally:
            server.terminate()
            server.wait(20)
            _end(trained)
        said = log.read_text()
        if keep is not None:
            _keep(keep, found, readings, said)
    _print(found, readings, before, said, minutes, browsers, f"{state.status}, epoch {state.epoch}")


def _bcc(*words: str) -> str:
    """What a command of the app prints."""
    command = [sys.executable, "-m", "bcc", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _train() -> Any:
    """A run that goes on for long, once it really trains."""
    from bcc.paths import runs_folder
    from bcc.runs import Run

    run = Run(runs_folder() / _bcc("submit", *TRAINING, "--name", "beside").split()[0])
    while run.read_state().step < 5:
        if run.read_state().status not in ("queued", "running"):
            sys.exit(f"The run beside the pages ended: {run.read_state().message}")
        time.sleep(0.5)
    return run


def _end(run: Any) -> None:
    """Kill the run, if it still trains, and wait until its worker is gone."""
    from bcc.jobs import kill, read_job

    if run.read_state().status in ("running", "stopping"):
        kill(run)
    job = read_job(run)
    if job is not None and psutil.pid_exists(job.worker):
        psutil.wait_procs([psutil.Process(job.worker)], timeout=30)


@contextmanager
def _watching(pid: int, readings: list[Reading]) -> Iterator[None]:
    """Take a reading every five seconds, from now to the end of the block."""
    process, began, done = psutil.Process(pid), time.monotonic(), threading.Event()

    def watch() -> None:
        while True:
            readings.append(Reading(time.monotonic() - began, _megabytes(process), os.getloadavg()[0]))
            if done.wait(5.0):
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


async def _warm_up(chromium: str, address: str, pid: int) -> float:
    """MB of the server when one page was shown, TensorFlow is loaded and nobody looks."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(BROWSER))
        page = await browser.new_page()
        await asyncio.to_thread(_await_server, address)
        await page.goto(address)
        await page.locator("h1").first.wait_for(state="visible", timeout=120_000)
        await asyncio.sleep(WARM)
        await browser.close()
    return _megabytes(psutil.Process(pid))


async def _visit(chromium: str, address: str, minutes: float, browsers: int, seed: int) -> list[Action]:
    from playwright.async_api import async_playwright

    found: list[Action] = []
    until = time.monotonic() + 60 * minutes
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(BROWSER))
        people = [Visitor(number, seed, f"{address}/?run=finished", found) for number in range(browsers)]
        await asyncio.gather(*(one.walk(browser, until) for one in people))
        await browser.close()
    return found


def _keep(folder: Path, found: list[Action], readings: list[Reading], said: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "actions.json").write_text(json.dumps([asdict(one) for one in found], indent=1))
    (folder / "readings.json").write_text(json.dumps([asdict(one) for one in readings]))
    (folder / "server.log").write_text(said)


def _print(
    found: list[Action],
    readings: list[Reading],
    before: float,
    said: str,
    minutes: float,
    browsers: int,
    trained: str,
) -> None:
    """The tables, and every problem once with its number."""
    about = (
        f"{browsers} browsers for {minutes:g} minutes on the same machine, a deed every 8 to 15 s each, "
        f"beside a run of ConvNeXt atto ({trained} at the end). {machine('streamlit', 'tensorflow')}."
    )
    problems = Counter(text for one in found for text in one.problems)
    refusals = Counter(text for one in found for text in one.refusals)
    header = ["page", "actions", "reruns", "with a problem", "median", "95 %", "worst", "slowest deed"]
    rows = [_line(name, [one for one in found if one.page == name]) for name in TITLES]
    table("Several people beside a run", header, [*rows, _line("all", found)], about)
    header = ["minute", "server, MB", "load"]
    during = [one for one in readings if one.seconds <= readings[-1].seconds - AFTER]
    rows = [["before", f"{before:,.0f}", ""]]
    for minute in range(int(during[-1].seconds // 60) + 1):
        of_minute = [one for one in during if one.seconds // 60 == minute]
        rows.append(
            [
                f"{minute + 1}",
                f"{np.mean([one.megabytes for one in of_minute]):,.0f}",
                f"{np.mean([one.load for one in of_minute]):.1f}",
            ]
        )
    rows.append(["two minutes after", f"{readings[-1].megabytes:,.0f}", f"{readings[-1].load:.1f}"])
    table("Memory of the server", header, rows, "The streamlit process alone, mean of each minute.")
    print(f"{said.count('Traceback (most recent call last)')} tracebacks in the server's log")
    for title, texts in (("problems", problems), ("sentences about bad input", refusals)):
        print(f"{sum(texts.values())} {title}")
        for text, count in texts.most_common():
            print(f"- {count} x {text}")


def _line(name: str, actions: list[Action]) -> list[str]:
    times = [one.seconds for one in actions if one.seconds is not None]
    if not times:
        return [name, f"{len(actions)}", "0", *[""] * 5]
    slowest = max((one for one in actions if one.seconds is not None), key=lambda one: one.seconds or 0.0)
    return [
        name,
        f"{len(actions)}",
        f"{len(times)}",
        f"{sum(bool(one.problems) for one in actions)}",
        *(f"{np.percentile(times, share):.2f} s" for share in (50, 95, 100)),
        slowest.what if name != "all" else f"{slowest.page}, {slowest.what}",
    ]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=3.0)
    options.add_argument("--browsers", type=int, default=5)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--keep", type=Path)
    main(**vars(options.parse_args()))
