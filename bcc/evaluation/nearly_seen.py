"""How many pictures that a run was scored on it has nearly seen: near copies of its training pictures.

The last scan of the data says so, also where it was made after the run; else what the run wrote down. A score
on such pictures praises memory.
"""

from __future__ import annotations

from typing import Any

from bcc.errors import UserError
from bcc.runs import Run


def nearly_seen(run: Run, side: str) -> int | None:
    """How many rows of one side have a near copy among the run's training rows.

    Args:
        run: with its split written.
        side: "validation" or "test".

    Returns:
        `None` where no scan has looked for near copies.
    """
    from bcc.quality import last_near_copies

    info = run.read_json(run.dataset)
    written = _written(info, side)
    try:
        split, _ = run.read_split()
        found = last_near_copies(str(info["fingerprint"]), len(split))
    except UserError:
        # What was kept of the scan is damaged; the scores can be read all the same.
        return written
    if found is None:
        return written
    return max(found.also_in_training(split, side), written or 0)


def near_copies_note(run: Run, side: str) -> str:
    """A warning beside the scores of one side; empty where no near copies are known on both sides."""
    count = nearly_seen(run, side)
    if not count:
        return ""
    pictures = "picture has a near copy" if count == 1 else "pictures have near copies"
    return (
        f"{count:,} {side} {pictures} among the training pictures: the scores praise memory. Draw the split "
        "anew with near copies kept together, or leave them out on the Clean page."
    )


def _written(info: dict[str, Any], side: str) -> int | None:
    """What the run itself wrote down when it began."""
    told = info.get("near_copies")
    count = told.get(side) if isinstance(told, dict) else None
    return count if isinstance(count, int) else None
