"""A real server and a real browser: the app as a person meets it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium must not look for updates or call home: there may be no network, and none is wanted.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; skips where there is none, fails where one is demanded."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        message = "no Chromium found: browser tests need Debian's package chromium"
        if os.environ.get("BCC_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app's own `data` and `runs` lie."""
    return tmp_path_factory.mktemp("app")


@contextmanager
def serving(folder: Path, log: str = "server.log", **more: str) -> Iterator[str]:
    """The app on a free port of this computer; gives its address.

    Args:
        folder: where its `data` and `runs` lie, and its log.
        log: name of that.
        **more: variables of its environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "BCC_DATA": str(folder / "data"),
        "BCC_RUNS": str(folder / "runs"),
        **more,
    }
    with (folder / log).open("w") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                "app.py",
                "--server.headless",
                "true",
                "--server.port",
                str(port),
            ],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_server(address, process, folder / log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            # A busy machine that still paints cells; nothing here is worth waiting for.
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def server(app_folder: Path) -> Iterator[str]:
    """The app, with data and runs folders of its own."""
    with serving(app_folder) as address:
        yield address


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A fresh tab on the app's first page."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    tab = context.new_page()
    # On a slow, busy machine it takes long to paint the built-in cells, and pages that show them wait.
    tab.set_default_timeout(240_000)
    expect.set_options(timeout=240_000)
    tab.goto(server)
    yield tab
    context.close()


def wait_for_server(address: str, process: subprocess.Popen, log: Path) -> None:
    """Until the server answers; fails when it ended, with what it said."""
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail(f"the server ended at once: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not answer")
