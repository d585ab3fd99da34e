"""The list of runs as a frame, for a table on a page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bcc.runs.listing import RunSummary


def runs_table(summaries: Sequence[RunSummary]) -> pd.DataFrame:
    """One line a run, in the order given.

    Returns:
        `run` (id), `status` ("damaged" where the directory cannot be read), `data`, `model`, `epoch`
        ("3 of 12"), `best_validation_accuracy`, `accuracy` and `baseline` (0..1 or missing), `started`
        (UTC) and `problem` (a sentence, or "").
    """
    lines = [
        {
            "run": one.run.id,
            "status": one.state.status if one.state else "damaged",
            "data": one.source,
            "model": one.model,
            "epoch": f"{one.state.epoch} of {one.state.epochs}" if one.state else "",
            "best_validation_accuracy": one.state.best_validation_accuracy if one.state else None,
            "accuracy": one.accuracy,
            "baseline": one.baseline,
            "started": pd.to_datetime(one.state.created, unit="s", utc=True) if one.state else pd.NaT,
            "problem": one.problem or (one.state.message if one.state else ""),
        }
        for one in summaries
    ]
    columns = [
        "run", "status", "data", "model", "epoch", "best_validation_accuracy", "accuracy", "baseline",
        "started", "problem",
    ]  # fmt: skip
    table = pd.DataFrame(lines, columns=columns)
    shares = ["best_validation_accuracy", "accuracy", "baseline"]
    return table.astype(dict.fromkeys(shares, "float64"))


def thinned(frame: pd.DataFrame, most: int = 1500) -> pd.DataFrame:
    """At most about `most` lines of a long frame, evenly spaced, the last always among them.

    A curve of a hundred thousand steps looks the same drawn from a thousand of them.
    """
    if len(frame) <= most:
        return frame
    step = -(-len(frame) // most)
    return frame.iloc[(len(frame) - 1) % step :: step]
