"""The list of runs as a frame, for a table on a page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bcc.runs.listing import RunSummary


def runs_table(summaries: Sequence[RunSummary]) -> pd.DataFrame:
    """One line a run, in the order given.

    Returns:
        `favourite` (bool), `run` (id), `name`, `tags` (list), `status` ("damaged" where the directory
        cannot be read), `data`, `model`, `epoch`
        ("3 of 12"), `best_validation_accuracy`, `accuracy` and `baseline` (0..1 or missing),
        `scored_on` ("test", "validation" or ""), `started` (UTC) and `problem` (a sentence, or "").
    """
    lines = [
        {
            "favourite": one.about.favourite,
            "run": one.run.id,
            "name": one.about.name,
            "tags": list(one.about.tags),
            "status": one.state.status if one.state else "damaged",
            "data": one.source,
            "model": one.model,
            "epoch": f"{one.state.epoch} of {one.state.epochs}" if one.state else "",
            "best_validation_accuracy": one.state.best_validation_accuracy if one.state else None,
            "accuracy": one.accuracy,
            "baseline": one.baseline,
            "scored_on": one.scored_on,
            "started": pd.to_datetime(one.state.created, unit="s", utc=True) if one.state else pd.NaT,
            "problem": one.problem or (one.state.message if one.state else ""),
        }
        for one in summaries
    ]
    columns = [
        "favourite", "run", "name", "tags", "status", "data", "model", "epoch",
        "best_validation_accuracy", "accuracy", "baseline",
        "scored_on", "started", "problem",
    ]  # fmt: skip
    table = pd.DataFrame(lines, columns=columns)
    shares = ["best_validation_accuracy", "accuracy", "baseline"]
    return table.astype(dict.fromkeys(shares, "float64"))


def matching(
    summaries: Sequence[RunSummary],
    search: str = "",
    statuses: Sequence[str] = (),
    tags: Sequence[str] = (),
    favourites: bool = False,
) -> list[RunSummary]:
    """Runs that fit a filter, in the order given.

    Args:
        summaries: all of them.
        search: words, all of which must appear in a run's id, name, note, tags, data, model or question.
        statuses: one of these; any where empty.
        tags: all of these.
        favourites: only favourites.
    """
    words = search.lower().split()

    def fits(one: RunSummary) -> bool:
        said = one.about
        texts = (one.run.id, said.name, said.note, *said.tags, one.source, one.model, said.what_if)
        text = " ".join(texts).lower()
        status = one.state.status if one.state else "damaged"
        return (
            all(word in text for word in words)
            and (not statuses or status in statuses)
            and set(tags) <= set(said.tags)
            and (said.favourite or not favourites)
        )

    return [one for one in summaries if fits(one)]


def thinned(frame: pd.DataFrame, most: int = 1500) -> pd.DataFrame:
    """At most about `most` lines of a long frame, evenly spaced, the last always among them.

    A curve of a hundred thousand steps looks the same drawn from a thousand of them.
    """
    if len(frame) <= most:
        return frame
    step = -(-len(frame) // most)
    return frame.iloc[(len(frame) - 1) % step :: step]
