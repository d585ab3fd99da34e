"""The way that a stranger goes: see cells, press Quick run, read the metrics, look at a saliency map."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

TRAINING_MS = 600_000
"""How long a slow, busy machine may take for the quick run."""


def follow(page: Page, name: str, heading: str | None = None) -> None:
    """Click a link of the sidebar and wait for its heading."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=heading or name)).to_be_visible()


def images(page: Page) -> Locator:
    """Images of cells, by the description that a screen reader gets."""
    return page.get_by_test_id("stMain").get_by_role("img", name=re.compile(r"row [\d,]+", re.IGNORECASE))


def no_errors(page: Page) -> None:
    """Neither a sentence about bad input nor a traceback is on screen."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


def test_from_cells_to_saliency(page: Page) -> None:
    """Home -> Data -> Quick run -> Metrics -> Saliency, with the choices kept in the address."""
    expect(page.get_by_role("heading", level=1, name="Blood cell classifiers")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_text("synthetic").first).to_be_visible()
    follow(page, "Data")
    expect(page.get_by_test_id("stMetricValue").filter(has_text="1,692")).to_be_visible()
    expect(images(page).first).to_be_visible()
    no_errors(page)

    follow(page, "Home", "Blood cell classifiers")
    page.get_by_role("button", name="Start a quick run").click()
    expect(page.get_by_role("heading", level=1, name="Train")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    assert re.search(r"[?&]run=\d{8}-\d{6}-atto-[0-9a-f]{4}", page.url)

    # Closing the tab does not touch the run: another tab with the same address follows it.
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_text("A linear model on simple features gets", exact=False).first).to_be_visible(
        timeout=TRAINING_MS
    )
    no_errors(page)

    follow(page, "Metrics")
    expect(page.get_by_role("tab", name="Confusion")).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    no_errors(page)

    follow(page, "Saliency")
    expect(page.get_by_text("6 x 6", exact=False).first).to_be_visible()
    expect(images(page).first).to_be_visible()
    no_errors(page)

    # The address alone reproduces the view.
    run, data = (re.search(rf"[?&]{name}=([^&]+)", page.url) for name in ("run", "data"))
    assert run is not None
    assert data is not None


def test_unknown_names_in_the_address_are_explained(page: Page, server: str) -> None:
    """A link from another computer names what is not here: a sentence, no crash."""
    page.goto(f"{server}/metrics?data=0123456789abcdef&run=20200101-000000-atto-beef")
    expect(page.get_by_text("not on this machine").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
