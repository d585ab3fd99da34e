"""Labels changed by mouse and key in a real browser: picked, given, undone after a reload, opened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bcc.datasets.synthetic import paint_set
from tests.browser.test_clean_path import LONG_MS, open_set

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def painted(tmp_path: Path) -> Path:
    cells = paint_set(64, seed=5, faults=False)
    np.savez(tmp_path / "painted.npz", images=cells.images, labels=cells.labels)
    return tmp_path / "painted.npz"


def changed(page: Page, count: int) -> None:
    """Wait until this many labels are changed."""
    metric = page.get_by_test_id("stMetric").filter(has_text="Changed")
    expect(metric.get_by_test_id("stMetricValue")).to_have_text(str(count), timeout=LONG_MS)


def test_pick_label_undo_after_a_reload_and_open(page: Page, painted: Path) -> None:
    open_set(page, painted)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Label", exact=True).click()
    cards = page.locator(".pick")
    expect(cards).to_have_count(24, timeout=LONG_MS)
    cards.nth(0).click()
    cards.nth(3).click(modifiers=["Shift"])
    expect(page.get_by_text("4 picked")).to_be_visible()
    for place in range(4):
        expect(cards.nth(place)).to_have_attribute("aria-pressed", "true")
    # The keys work while a cell has the focus, and the dataset's first class is none of the last one's.
    last = page.get_by_test_id("stButton").get_by_role("button", name="class 7")
    expect(last).to_be_enabled()
    page.keyboard.press("8")
    metric = page.get_by_test_id("stMetric").filter(has_text="Changed").get_by_test_id("stMetricValue")
    expect(metric).not_to_have_text("0", timeout=LONG_MS)
    count = int(metric.inner_text())
    assert 1 <= count <= 4

    page.reload()
    changed(page, count)
    expect(cards).to_have_count(24, timeout=LONG_MS)
    page.keyboard.press("u")
    changed(page, 0)
    page.keyboard.press("y")
    changed(page, count)

    cards.nth(0).focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 picked")).to_be_visible()
    cards.nth(1).dblclick()
    expect(page.get_by_role("heading", name="Cell", exact=True)).to_be_visible(timeout=LONG_MS)
    assert "row=" in page.url
    before = page.url
    expect(page.get_by_role("button", name="Next")).to_be_enabled()
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(before)
