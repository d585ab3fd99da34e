"""How the images look that a run was trained on, measured once and saved in its directory."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from bcc.atomic_files import write_json
from bcc.cells.set_profile import SAMPLE, SetProfile, profile_of
from bcc.datasets import SPLITS
from bcc.errors import UserError
from bcc.evaluation.run_dataset import own_data
from bcc.json_files import read_json
from bcc.progress import Progress
from bcc.runs import Run


def home_profile(run: Run, progress: Progress | None = None) -> SetProfile:
    """The profile of a run's training images: read from `profile.json`, else measured and saved there.

    Args:
        run: any; the shipped model brings its profile along.
        progress: called with (share done, sentence).

    Raises:
        UserError: nothing is saved, and the run's data is not on this machine.
    """
    with suppress(UserError, OSError, ValueError):
        return SetProfile.from_dict(read_json(run.profile))
    dataset = own_data(run)
    sides, _ = run.read_split()
    rows = np.flatnonzero(sides == SPLITS.index("train"))
    if not len(rows):
        raise UserError(f"Run '{run.id}' has no training images to measure.")
    spread = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).astype(np.int64))
    profile = profile_of(dataset.images, rows[spread], progress)
    # Where the directory cannot be written to, it is measured again next time.
    with suppress(OSError, UserError):
        write_json(run.profile, profile.to_dict())
    return profile
