"""How numbers and states are written on screen, the same everywhere."""

from __future__ import annotations

from html import escape
from typing import Literal

import pandas as pd

from bcc.datasets import Dataset
from bcc.runs import RunSummary
from bcc.safe_text import in_markdown, shown

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

STATUS: dict[str, tuple[str, Colour]] = {
    "queued": (":material/schedule:", "gray"),
    "running": (":material/play_circle:", "blue"),
    "stopping": (":material/hourglass_top:", "orange"),
    "stopped": (":material/stop_circle:", "orange"),
    "failed": (":material/error:", "red"),
    "lost": (":material/power_off:", "red"),
    "finished": (":material/check_circle:", "green"),
    "damaged": (":material/broken_image:", "red"),
}
"""Icon and colour of each status."""


def percent(share: float | None) -> str:
    """0.9634 -> "96.3%", nothing for nothing."""
    return "–" if share is None else f"{share:.1%}"


def share(part: float) -> str:
    """Format a probability briefly, never rounded to certainty: 0.004 -> "<1%", 0.998 -> ">99%"."""
    if 0 < part < 0.005:
        return "<1%"
    if 0.995 <= part < 1:
        return ">99%"
    return f"{part:.0%}"


NO_SHARES = ("cohen_kappa", "matthews", "log_loss")
"""Scores that are no shares of a hundred."""


def with_interval(value: float, low: float, high: float, share: bool = True) -> str:
    """0.954, 0.941, 0.965 -> "95.4% [94.1, 96.5]"; nothing for nothing."""
    if value != value:
        return "–"
    if share:
        return f"{value:.1%} [{100 * low:.1f}, {100 * high:.1f}]"
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def duration(seconds: float | None) -> str:
    """75 -> "1 min 15 s"."""
    if seconds is None:
        return "–"
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(count: float) -> str:
    """Format bytes for a person: 3221225472 -> "3.2 GB"."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:,.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"


def reached(summary: RunSummary) -> str:
    """Format a run's accuracy, with the split where it is not the test split: "96.3% (validation)"."""
    accuracy = percent(summary.accuracy)
    return accuracy if summary.scored_on in ("test", "") else f"{accuracy} ({summary.scored_on})"


def run_line(summary: RunSummary) -> str:
    """Label a run in a list: its name or id, and its accuracy or else its status."""
    if summary.state is None:
        return f"{shown(summary.title)} · damaged"
    if summary.state.status == "finished" and summary.accuracy is not None:
        return f"{shown(summary.title)} · {reached(summary)}"
    return f"{shown(summary.title)} · {summary.state.status}"


def about_run(summary: RunSummary) -> str:
    """Describe a run in a line under its name: "atto trained on bloodmnist."; "" where it is unknown."""
    if not summary.model or not summary.source:
        return plain(summary.problem)
    line = f"{summary.model} trained on {plain(summary.source)}"
    if summary.source.startswith("synthetic"):
        return f"{line}, which is synthetic: painted cells, not photographs."
    return f"{line}."


def plain(text: str, lines: bool = False) -> str:
    """Escape a text from a file or a person for Markdown: its markup is shown, not applied."""
    return in_markdown(text, lines)


def safe(text: object) -> str:
    """Escape a text from a file or a person for HTML and its attributes, with every character visible."""
    return escape(shown(text))


def row(dataset: Dataset, number: int) -> str:
    """Identify an image: its row, and its file where that is known."""
    file = dataset.file_of(int(number))
    return f"row {number:,} · {shown(file)}" if file else f"row {number:,}"


PHASES = {"head": "Head, on a frozen backbone", "fine_tune": "Last blocks", "all": "Everything"}
"""What the phases of a run are called on a form."""


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Prepare a frame for the screen: every character of texts from files and people is visible."""
    made = frame.copy()
    for name in made.columns[made.dtypes.map(lambda kind: kind.kind not in "biufcmM")]:
        made[name] = [_seen(value) for value in made[name]]
    return made


def _seen(value: object) -> object:
    if isinstance(value, str):
        return shown(value)
    return [_seen(one) for one in value] if isinstance(value, list) else value
