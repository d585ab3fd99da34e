"""How quick the app is for a person: the first page after a start, the Data page again, a slider of Augment.

Measured in a real browser: from the start of the server's process until the Home page's heading is
visible, and from the request of a rerun until Streamlit says that it is idle. On the Augment page the slider
of one augmentation moves, with six draws of eight cells on screen. The Data page shows 13,759 images: the
challenge's training set where the photographs are at hand, painted cells repeated to that number elsewhere.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from bench.report import machine, table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
PHOTOGRAPHS = ROOT.parent / "shared" / "data" / "make_training_set.py"
ROWS = 13_759
WATCH = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    window.rerun = new Promise((resolve) => {
        let start = null;
        new MutationObserver((_, observer) => {
            const state = app.getAttribute("data-test-script-state");
            if (start === null) start = performance.now();
            else if (state === "notRunning") { observer.disconnect(); resolve(performance.now() - start); }
        }).observe(app, {attributes: true, attributeFilter: ["data-test-script-state"]});
    });
}"""
"""Makes `window.rerun` a promise of the milliseconds from the request of a rerun until the app is idle."""
BROWSER = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def main() -> None:
    """Measure and print one table."""
    from playwright.sync_api import sync_playwright

    chromium = chromium_path()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"BCC_DATA": f"{folder}/data", "BCC_RUNS": f"{folder}/runs"}
        fingerprint, what = _prepare(Path(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(BROWSER))
            first = [_first_page(browser) for _ in range(5)]
            rerun = _reruns(browser, fingerprint)
            moves = {
                topic: _slider(browser, fingerprint, topic) for topic in ("geometry", "colour", "policy")
            }
            browser.close()
    rows = [
        [
            "first page after the server's start",
            f"{statistics.median(first):.2f} s",
            f"{max(first):.2f} s",
            "3 s",
        ],
        [
            "rerun of the Data page",
            f"{1000 * statistics.median(rerun):.0f} ms",
            f"{1000 * max(rerun):.0f} ms",
            "300 ms",
        ],
    ]
    for topic, times in moves.items():
        rows.append(
            [
                f"a slider on Augment ({topic}, 8 x 6 cells)",
                f"{1000 * statistics.median(times):.0f} ms",
                f"{1000 * max(times):.0f} ms",
                "200 ms",
            ]
        )
    about = f"{what}. {machine('streamlit', 'plotly', 'pandas')}."
    table("Pages", ["what", "median", "worst", "wanted"], rows, about)


def chromium_path() -> str:
    """Where the browser is; ends the program where there is none."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("bench pages needs a Chromium: install Debian's package chromium.")
    return chromium


def _prepare(folder: Path) -> tuple[str, str]:
    """Fingerprint of a set of 13,759 images in the cache, and what it is; the built-in set is there too."""
    from bcc.datasets import load

    painted = load("synthetic")
    if PHOTOGRAPHS.exists():
        subprocess.run([sys.executable, str(PHOTOGRAPHS), str(folder)], check=True, stdout=subprocess.DEVNULL)
        dataset = load(folder / "training_set.npz", classes="pbc")
        return dataset.fingerprint, f"{len(dataset):,} photographs"
    rows = np.resize(np.arange(len(painted)), ROWS)
    np.savez(folder / "many.npz", images=painted.images[rows], labels=painted.labels[rows])
    return load(folder / "many.npz").fingerprint, f"{ROWS:,} painted cells"


def _serve(output: int | IO[str] = subprocess.DEVNULL) -> tuple[subprocess.Popen, str]:
    """Start the app on a free port; its process and address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless=true",
        f"--server.port={port}",
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output), f"http://127.0.0.1:{port}"


def _open(page: Page, address: str) -> None:
    """Go there as soon as the server listens."""
    _await_server(address)
    page.goto(address)


def _await_server(address: str) -> None:
    """Until the server of this address listens."""
    host = urllib.parse.urlsplit(address).netloc
    while True:
        try:
            with urllib.request.urlopen(f"http://{host}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.02)


def _first_page(browser: Browser) -> float:
    """Seconds from starting the process until the heading is on screen."""
    page = browser.new_page()
    start = time.perf_counter()
    server, address = _serve()
    try:
        _open(page, address)
        page.locator("h1").first.wait_for(state="visible", timeout=60_000)
        return time.perf_counter() - start
    finally:
        page.close()
        server.terminate()
        server.wait(20)


@contextmanager
def _at_rest(browser: Browser, address: str) -> Iterator[Any]:
    """A page of a server of its own, drawn to its end."""
    page = browser.new_page()
    server, host = _serve()
    try:
        _open(page, f"{host}/{address}")
        page.locator("h1").first.wait_for(state="visible", timeout=60_000)
        page.wait_for_selector("[data-test-script-state=notRunning]", timeout=120_000)
        yield page
    finally:
        page.close()
        server.terminate()
        server.wait(20)


def _reruns(browser: Browser, fingerprint: str, repeats: int = 15) -> list[float]:
    """Seconds of each warm rerun of the Data page, from request to idle."""
    with _at_rest(browser, f"data?data={fingerprint}") as page:
        times = []
        for _ in range(repeats + 2):
            time.sleep(0.5)
            page.evaluate(WATCH)
            page.keyboard.press("r")
            times.append(page.evaluate("window.rerun") / 1000)
        return times[2:]


def _slider(browser: Browser, fingerprint: str, topic: str, repeats: int = 12) -> list[float]:
    """Seconds of each warm rerun after a slider of a topic's first augmentation has moved."""
    with _at_rest(browser, f"augment?data={fingerprint}&topic={topic}") as page:
        sliders = page.get_by_role("slider")
        sliders.first.wait_for(state="visible", timeout=120_000)
        draws = page.locator(".st-key-augment-draws").get_by_role("slider")
        times = []
        for move in range(repeats + 4):
            time.sleep(0.7)
            page.evaluate(WATCH)
            # First six draws; then the values of the augmentation, there and back.
            (draws if move < 2 else sliders.first).focus()
            page.keyboard.press("ArrowRight" if move < 2 or move % 2 else "ArrowLeft")
            times.append(page.evaluate("window.rerun") / 1000)
        return times[4:]


if __name__ == "__main__":
    main()
