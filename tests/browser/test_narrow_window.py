"""A window of 1280 px: no table has columns that lie beyond its edge."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

BEYOND = """() => [...document.querySelectorAll('[data-testid=stDataFrame]')].map(table => {
  const edge = table.getBoundingClientRect().right;
  const columns = [...table.querySelectorAll('.dvn-stack')];
  return Math.max(...columns.map(each => each.getBoundingClientRect().right)) - edge;
})"""
"""How far the columns of each table reach beyond its edge, in pixels."""


def test_tables_of_confidence_are_seen_whole(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server}/metrics?run=pbc&section=Sureness")
    expect(page.get_by_text("Reject uncertain predictions")).to_be_visible()
    tables = page.get_by_test_id("stDataFrame")
    expect(tables).to_have_count(2)
    for table in tables.all():
        expect(table.locator(".dvn-stack").first).to_be_attached()
    page.wait_for_function(f"Math.max(...({BEYOND})()) <= 1")
