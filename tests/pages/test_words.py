"""How numbers are written on screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bcc.runs import Run, RunState, RunSummary
from pages.parts.text import formatting
from pages.parts.widgets import gallery


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, "0%"), (0.0049, "<1%"), (0.005, "0%"), (0.42, "42%"), (0.994, "99%"), (0.9951, ">99%"), (1, "100%")],
)
def test_a_probability_is_never_rounded_to_a_certainty(part: float, text: str) -> None:
    assert formatting.share(part) == text


@pytest.mark.parametrize(
    ("scored_on", "text"), [("test", "80.0%"), ("validation", "80.0% (validation)"), ("", "80.0%")]
)
def test_an_accuracy_that_is_not_about_test_images_says_so(scored_on: str, text: str, tmp_path: Path) -> None:
    summary = RunSummary(Run(tmp_path / "one"), RunState("finished"), accuracy=0.8, scored_on=scored_on)
    assert formatting.reached(summary) == text
    assert formatting.run_line(summary) == f"one · {text}"


def test_a_warning_stands_under_its_image(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(gallery.st, "html", drawn.append)
    image = np.zeros((8, 8, 3), np.uint8)
    cards = [
        gallery.Card((image,), "one", "note", "", "alt", "too <small>"),
        gallery.Card((image,), "two", "note", "", "alt"),
    ]
    gallery.show(cards, "two images")
    assert drawn[0].count("⚠") == 1
    assert "⚠ too &lt;small&gt;" in drawn[0]
