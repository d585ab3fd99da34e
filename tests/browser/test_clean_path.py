"""Clean a small painted set in the browser: scan, circle a region, drop, undo, export, train on the rest."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.sync_api import Page, expect

from bcc.datasets.synthetic import paint_set

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

LONG_MS = 300_000
"""How long a slow, busy machine may take for a scan or a short training."""


@pytest.fixture
def painted(tmp_path: Path) -> Path:
    """160 painted cells, twelve of them copies of the first twelve."""
    cells = paint_set(160, seed=11, faults=False)
    images, labels = cells.images.copy(), cells.labels.copy()
    images[-12:], labels[-12:] = images[:12], labels[:12]
    np.savez(tmp_path / "painted.npz", images=images, labels=labels)
    return tmp_path / "painted.npz"


def open_set(page: Page, path: Path) -> str:
    """Open a file on the Data page; its fingerprint."""
    data = page.get_by_test_id("stSidebar").get_by_role("link", name="Data", exact=True)
    expect(data).to_be_visible(timeout=LONG_MS)
    data.click()
    page.get_by_text("Open data").first.click()
    page.get_by_role("tab", name="On this machine").click()
    page.get_by_role("textbox", name="A .npz, a .zip, or a folder").fill(str(path))
    page.get_by_role("textbox", name="A .npz, a .zip, or a folder").press("Enter")
    panel = page.get_by_role("tabpanel", name="On this machine")
    panel.get_by_test_id("stButton").get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="painted.npz")).to_be_visible()
    found = re.search(r"[?&]data=([0-9a-f]{16})", page.url)
    assert found is not None
    return found.group(1)


def circle(page: Page) -> None:
    """Draw a lasso around all points of the map."""
    area = page.locator(".js-plotly-plot .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    for across, down in ((0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=8)
    page.mouse.up()


def test_from_a_scan_to_a_run_on_the_rest(
    page: Page, painted: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fingerprint = open_set(page, painted)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Clean", exact=True).click()
    page.get_by_role("button", name="Scan the dataset").click()
    expect(page.get_by_role("heading", name="What was found")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("0 of 160 left out")).to_be_visible()

    page.get_by_role("tab", name="Map").click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    circle(page)
    chosen = page.get_by_text(re.compile(r"\d+ rows chosen")).first
    expect(chosen).to_be_visible()
    count = int(chosen.inner_text().split()[0])
    assert count > 100
    expect(page.get_by_test_id("stMain").get_by_role("img", name=re.compile("row")).first).to_be_visible()
    page.get_by_role("button", name=f"Drop {count}").click()
    expect(page.get_by_text(f"{count} of 160 left out")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("0 of 160 left out")).to_be_visible()

    # By keys: the first group of copies, one of them kept.
    page.get_by_role("tab", name="Findings").click()
    expect(page.get_by_text("Keys: K keep")).to_be_visible()
    page.keyboard.press("d")
    expect(page.get_by_text("1 of 160 left out")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("0 of 160 left out")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Accept all suggestions \(\d+ rows out\)")).click()
    expect(page.get_by_text("12 of 160 left out")).to_be_visible()

    page.reload()
    expect(page.get_by_text("12 of 160 left out")).to_be_visible()
    page.get_by_role("tab", name="Selections").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as JSON").click()
    download.value.save_as(tmp_path / "sent.json")
    sent = json.loads((tmp_path / "sent.json").read_text())
    assert sent["dataset"] == fingerprint
    left_out = sorted(row for one in sent["decisions"] if one["left_out"] for row in one["rows"])
    assert left_out == list(range(148, 160))

    page.get_by_role("button", name="Train on the rest").click()
    expect(page.get_by_role("heading", level=1, name="Train")).to_be_visible()
    expect(page.get_by_role("combobox", name="Selection", exact=True)).to_have_value("my selection")
    page.get_by_role("button", name="Start training").click()
    about = written(tmp_path_factory.getbasetemp(), fingerprint)
    try:
        selection = json.loads(about.read_text())["selection"]
        assert (selection["name"], selection["left_out"]) == ("my selection", 12)
        assert json.loads((about.parent / "selection.json").read_text()) == sent
        with np.load(about.parent / "split.npz") as split:
            assert np.flatnonzero(split["split"] < 0).tolist() == left_out
    finally:
        # That it learns is the matter of other tests.
        process = psutil.Process(json.loads((about.parent / "state.json").read_text())["pid"])
        process.kill()


def written(folder: Path, fingerprint: str) -> Path:
    """The dataset.json of the run on that set, once its split is there too."""
    for _ in range(LONG_MS // 500):
        for file in folder.glob("app*/runs/*/dataset.json"):
            if (
                json.loads(file.read_text())["fingerprint"] == fingerprint
                and (file.parent / "split.npz").exists()
            ):
                return file
        time.sleep(0.5)
    pytest.fail("the run has not divided its rows")
