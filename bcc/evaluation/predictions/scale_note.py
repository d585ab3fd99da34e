"""Whether cells of new images are as large as those that a run learned from; a run itself notices nothing.

A photograph of 360 px scaled down whole shows its cell at half the size of one that was cropped first, and
answers about it are wrong and sure.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from bcc.cells.set_profile import MEASURED, SCALE_LIMIT, SetProfile, measure_image
from bcc.errors import UserError
from bcc.json_files import read_json
from bcc.runs import Run

FEWEST = 8
"""Images below which the size of a cell says little: platelets alone look small anywhere."""
MOST = 64
"""Images that are measured."""


def scale_note(run: Run, images: np.ndarray) -> str:
    """A sentence where cells look much smaller or larger than in training; else empty.

    Args:
        run: with `profile.json`, the profile of its training images; without it nothing is known.
        images: uint8 (N, H, W, 3), as the run sees them, up to their size.
    """
    if len(images) < FEWEST:
        return ""
    with suppress(UserError, OSError, ValueError):
        home = SetProfile.from_dict(read_json(run.profile)).middle["cell_share"]
        place = MEASURED.index("cell_share")
        rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), MOST)).astype(np.int64))
        shares = np.array([measure_image(np.asarray(images[row]))[place] for row in rows])
        if np.isnan(shares).all():
            return ""
        factor = float(np.nanmedian(shares)) / home
        if max(factor, 1 / factor) > 1 + SCALE_LIMIT:
            return f"{_wrong(factor)} {_way(factor)}"
    return ""


def _wrong(factor: float) -> str:
    looks = f"A cell looks {factor:.2f} times as large as in the run's training images"
    return f"{looks}, so that its answers may be wrong."


def _way(factor: float) -> str:
    """What would match."""
    if factor > 1:
        return f"Images that show {factor:.2f} times as much around each cell would match."
    return (
        f"Crop the middle {factor:.0%} of each image's side; the preprocessing 'challenge' does so with "
        "photographs of 360 px. Where there are only small cells such as platelets this means nothing."
    )
