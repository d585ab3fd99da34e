"""Cells named by key in a real browser: a round that survives a reload, and a quiz by its link."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from bcc.datasets.synthetic import CLASS_NAMES, paint_set
from tests.browser.test_clean_path import LONG_MS, open_set

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def painted(tmp_path: Path) -> Path:
    cells = paint_set(64, seed=6, faults=False)
    names = np.array(CLASS_NAMES)
    np.savez(tmp_path / "painted.npz", images=cells.images, labels=cells.labels, class_names=names)
    return tmp_path / "painted.npz"


def test_a_round_by_keys_and_a_quiz_by_its_link(page: Page, browser: Browser, painted: Path) -> None:
    open_set(page, painted)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Practise", exact=True).click()
    name = page.get_by_role("textbox", name="Your name")
    name.fill("Ann")
    name.press("Enter")
    begin = page.get_by_role("button", name="Begin")
    expect(begin).to_be_enabled(timeout=LONG_MS)
    begin.click()
    expect(page.get_by_text("Cell 1 of 20")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("heading", name="Which cell is this?")).to_be_visible()
    page.keyboard.press("1")
    following = page.get_by_role("button", name="Next")
    expect(following).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("What to look for:")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"Cell 2 of 2\d"))).to_be_visible(timeout=LONG_MS)

    page.reload()
    expect(page.get_by_text(re.compile(r"Cell 2 of 2\d"))).to_be_visible(timeout=LONG_MS)
    page.get_by_role("button", name="End the round").click()
    expect(page.get_by_role("heading", name="The round is over")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_test_id("stMetric").filter(has_text="Right")).to_contain_text("of 1")
    page.get_by_role("button", name="Another round").click()

    page.get_by_role("tab", name="Quizzes").click()
    title = page.get_by_role("textbox", name="Title")
    title.fill("Monday")
    title.press("Enter")
    make = page.get_by_role("button", name="Make the quiz")
    expect(make).to_be_enabled(timeout=LONG_MS)
    make.click()
    link = page.get_by_text(re.compile(r"http://127\.0\.0\.1:\d+/practise\?.*quiz="))
    expect(link).to_be_visible(timeout=LONG_MS)

    student = browser.new_context(viewport={"width": 420, "height": 860}).new_page()
    student.goto(link.inner_text().strip())
    expect(student.get_by_role("heading", name="Monday")).to_be_visible(timeout=LONG_MS)
    name = student.get_by_role("textbox", name="Your name")
    name.fill("Bob")
    name.press("Enter")
    begin = student.get_by_role("button", name="Begin the quiz")
    expect(begin).to_be_enabled(timeout=LONG_MS)
    begin.click()
    for place in range(1, 21):
        expect(student.get_by_text(f"Cell {place} of 20")).to_be_visible(timeout=LONG_MS)
        student.keyboard.press("7")
    expect(student.get_by_role("heading", name="The quiz is over")).to_be_visible(timeout=LONG_MS)
    # The teacher's page shows it by itself.
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=LONG_MS)
    student.context.close()
