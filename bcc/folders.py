"""Where things live on disk: data sets, their cache, and runs.

Everything sits beside the package by default; `BCC_DATA` and `BCC_RUNS` move the two folders
elsewhere (another disk, a test's temporary folder).
"""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    """Data sets that people drop in, downloads, and the cache."""
    return Path(os.environ.get("BCC_DATA", PROJECT / "data"))


def cache_folder() -> Path:
    """Converted arrays, one folder a data set, named by its fingerprint."""
    return data_folder() / ".cache"


def runs_folder() -> Path:
    """One directory a training run."""
    return Path(os.environ.get("BCC_RUNS", PROJECT / "runs"))
