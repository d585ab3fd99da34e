"""From findings to a selection: what a scan suggests, as decisions that a person can change."""

from __future__ import annotations

from collections.abc import Sequence

from bcc.datasets.selection import Selection, now
from bcc.quality.findings import Findings


def selection_from(
    findings: Findings, source: str = "", kinds: Sequence[str] | None = None, include_review: bool = False
) -> Selection:
    """Leave out every row that a finding suggests to drop.

    A row with several findings is left out if any of them says so, and the worst one is the reason.

    Args:
        findings: of one set.
        source: what to call the set.
        kinds: only follow findings of these kinds.
        include_review: leave out the rows to be reviewed as well.
    """
    frame = findings.frame
    followed = ("drop", "review") if include_review else ("drop",)
    chosen = frame[frame["suggested"].isin(followed)]
    if kinds is not None:
        chosen = chosen[chosen["kind"].isin(list(kinds))]
    chosen = chosen.sort_values("score", kind="stable").drop_duplicates("index")
    selection = Selection(findings.fingerprint, source or findings.fingerprint, findings.rows)
    when = now()
    for kind, part in chosen.groupby("kind", sort=False):
        selection = selection.leave_out(part["index"], str(kind).replace("_", " "), when)
    return selection
