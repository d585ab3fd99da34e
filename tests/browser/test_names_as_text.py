"""Names of classes, files and runs, notes and tags may hold anything: a browser shows it and obeys none."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from bcc.datasets import load
from bcc.evaluation.reports.html_report import report
from bcc.jobs import describe
from bcc.runs import Run, write_json
from bcc.safe_text import shown

pytestmark = pytest.mark.browser

MARK = "document.title='obeyed'"
NAMES = (
    f'<img src=x onerror="{MARK}">',
    f"<script>{MARK}</script>**bold**",
    "[link](https://example.org) :red[x] $a$",
    "turned\u202etxt <b>b</b>",
)
"""Four hostile class names, for the four classes of the shared run."""
RUN = "<i>run<i> _x_"


def obeyed(page: Page) -> list[str]:
    """What of the names became more than text."""
    found = page.evaluate(
        """() => [
            ...document.querySelectorAll('img[src$="x"], i, .plotly a'),
            // A name may stand in the address of a page of ours; a link that leads there has obeyed it.
            ...[...document.querySelectorAll('a')].filter(e => e.hostname.endsWith('example.org')),
        ].map(e => e.outerHTML.slice(0, 200))"""
    )
    bold = page.evaluate("() => [...document.querySelectorAll('b, strong')].map(e => e.innerText)")
    found += [text for text in bold if text in ("b", "bold")]
    return found + (["script"] if page.title() == "obeyed" else [])


@pytest.fixture
def hostile_run(finished_run_folder: Path, tmp_path: Path) -> Run:
    """A finished run whose classes, files, id and settings are hostile."""
    run = Run(shutil.copytree(finished_run_folder, tmp_path / RUN))
    info = run.read_json(run.dataset)
    write_json(run.dataset, {**info, "class_names": list(NAMES), "source": NAMES[0]})
    write_json(run.files, [f"{row} {NAMES[row % 4]}" for row in range(info["rows"])])
    write_json(run.config, {**run.read_json(run.config), "recipe": NAMES[1]})
    return run


def test_a_report_shows_names_as_text(browser: Browser, hostile_run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(report(hostile_run), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    # Plotly draws when its code has run.
    page.wait_for_selector(".plotly-graph-div svg text", state="attached")
    assert obeyed(page) == []
    text = page.inner_text("body") + " ".join(page.locator("svg text").all_text_contents())
    for name in NAMES:
        assert shown(name) in text
    assert "\u202e" not in page.content()
    page.close()


PAGES = ("data", "clean", "train", "runs", "metrics", "compare", "home")
"""Those that show names without loading a model."""


def test_pages_show_names_as_text(
    page: Page,
    server: str,
    hostile_run: Run,
    learned_npz: Path,
    monkeypatch: pytest.MonkeyPatch,
    app_folder: Path,
) -> None:
    monkeypatch.setenv("BCC_DATA", str(app_folder / "data"))
    monkeypatch.setenv("BCC_RUNS", str(app_folder / "runs"))
    # A set with hostile names of classes and files, and the run that was trained on its pixels.
    arrays = dict(np.load(learned_npz))
    files = np.array([f"{row} {NAMES[row % 4]}" for row in range(len(arrays["labels"]))])
    place = app_folder / "data" / "cells <b>b<b>.npz"
    place.parent.mkdir(parents=True, exist_ok=True)
    np.savez(place, **{**arrays, "class_names": np.array(NAMES), "files": files})
    dataset = load(place)
    run = Run(shutil.copytree(hostile_run.folder, app_folder / "runs" / RUN))
    assert run.read_json(run.dataset)["fingerprint"] == dataset.fingerprint
    describe(run, name=NAMES[1], note=f"# note {NAMES[0]}", tags=(NAMES[2], NAMES[3]))
    seen = ""
    for name in PAGES:
        page.goto(f"{server}/{'' if name == 'home' else name}?data={dataset.fingerprint}&run={quote(RUN)}")
        expect(page.get_by_role("heading").first).to_be_visible()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        if name == "data":
            expect(page.get_by_text(f"row 0 · 0 {shown(NAMES[0])}", exact=True)).to_be_visible()
        assert obeyed(page) == [], name
        assert page.get_by_test_id("stException").count() == 0, name
        seen += page.inner_text("body") + " ".join(page.locator("svg text").all_text_contents())
    for name in NAMES:
        assert shown(name) in seen
    assert "\u202e" not in seen
