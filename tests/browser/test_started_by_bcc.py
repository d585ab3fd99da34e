"""`bcc app`, started in a folder that has Streamlit settings of its own."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bcc.launch import python

from .conftest import wait_for_server

SETTINGS = """
[server]
address = "0.0.0.0"
allowedHosts = ["elsewhere.example"]
[theme.light]
backgroundColor = "#ff0000"
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the app answers."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(SETTINGS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            python("bcc", "app", "--no-browser", "--port", str(port)),
            cwd=tmp_path, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_for_server(f"http://127.0.0.1:{port}", process, tmp_path / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_hosts_and_colours_are_the_apps_own(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="light")
    page.goto(f"{address}/runs")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible(timeout=120_000)
    expect(page.locator(".stApp")).to_have_css("background-color", "rgb(255, 255, 255)")
    page.close()
