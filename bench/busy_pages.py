"""How quick pages stay while a run trains with all cores: reruns in a real browser, beside an idle machine.

The run is one of the queue's own, on the CPU and niced as always. A rerun is measured from its request until
Streamlit says that it is idle.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.pages import BROWSER, WATCH, _open, _prepare, _serve
from bench.report import machine, table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bcc.runs import Run

PAGES = ("data", "runs", "home")
REPEATS = 20


def main() -> None:
    """Measure and print one table."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("bench busy_pages needs a Chromium: install Debian's package chromium.")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"BCC_DATA": f"{folder}/data", "BCC_RUNS": f"{folder}/runs"}
        fingerprint, what = _prepare(Path(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(BROWSER))
            idle = _measure(browser, fingerprint)
            run = _train(fingerprint)
            busy = _measure(browser, fingerprint)
            browser.close()
        from bcc.jobs import kill

        steps = run.read_state().step
        kill(run)
    rows = [
        [
            name,
            *(
                f"{1000 * np.percentile(times[name], share):.0f} ms"
                for times in (idle, busy)
                for share in (50, 95)
            ),
        ]
        for name in PAGES
    ]
    every = {
        name: np.concatenate([times[name] for name in PAGES])
        for name, times in (("idle", idle), ("busy", busy))
    }
    rows.append(
        [
            "all",
            *(f"{1000 * np.percentile(every[name], share):.0f} ms" for name in every for share in (50, 95)),
        ]
    )
    about = (
        f"{what}; {REPEATS} reruns a page; a run of ConvNeXt atto trains ({steps} steps so far). "
        f"Wanted: 500 ms in 95 of 100 cases while it trains. {machine('streamlit', 'tensorflow')}."
    )
    header = ["page", "idle: median", "95 %", "while a run trains: median", "95 %"]
    table("Pages beside a run", header, rows, about)


def _train(fingerprint: str) -> Run:
    """Start a run that goes on for long, and wait until it really trains."""
    from bcc.jobs import submit
    from bcc.training import TrainConfig

    values = {"data": {"source": fingerprint}, "image_size": 64, "all": {"epochs": 500}}
    run = submit(TrainConfig.model_validate(values))
    while run.read_state().step < 5:
        if run.read_state().status not in ("queued", "running"):
            sys.exit(f"The run beside the pages ended: {run.read_state().message}")
        time.sleep(0.5)
    return run


def _measure(browser: Browser, fingerprint: str) -> dict[str, list[float]]:
    """Seconds of each warm rerun of each page."""
    page = browser.new_page()
    server, address = _serve()
    found = {}
    try:
        for name in PAGES:
            _open(page, f"{address}/{'' if name == 'home' else name}?data={fingerprint}")
            page.locator("h1").first.wait_for(state="visible", timeout=120_000)
            page.wait_for_selector("[data-test-script-state=notRunning]", timeout=120_000)
            times = []
            for _ in range(REPEATS + 2):
                time.sleep(0.3)
                page.evaluate(WATCH)
                page.keyboard.press("r")
                times.append(page.evaluate("window.rerun") / 1000)
            found[name] = times[2:]
    finally:
        page.close()
        server.terminate()
        server.wait(20)
    return found


if __name__ == "__main__":
    main()
