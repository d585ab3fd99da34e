"""Arrays derived from a dataset, cached next to it so that they survive a restart.

    data/.cache/<fingerprint>/derived/<name>.npz

They may be deleted at any time and are removed with the dataset. Names contain everything that the arrays
depend on; what they hold is up to the caller.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bcc.atomic_files import write_arrays
from bcc.datasets.dataset import Dataset

_NAME = re.compile(r"[\w][\w.-]{0,119}")


def derived_path(dataset: Dataset, name: str) -> Path:
    """Return the file of derived arrays, whether it exists or not."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} cannot be the name of derived arrays")
    return dataset.folder / "derived" / f"{name}.npz"


def read_derived(dataset: Dataset, name: str) -> dict[str, np.ndarray] | None:
    """Read the arrays saved under a name; `None` where there are none, or they are damaged."""
    try:
        with np.load(derived_path(dataset, name), allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def save_derived(dataset: Dataset, name: str, arrays: dict[str, np.ndarray]) -> None:
    """Save arrays under a name, whole or not at all; on a read-only disk nothing is saved.

    Raises:
        UserError: the disk is full.
    """
    path = derived_path(dataset, name)
    with contextlib.suppress(PermissionError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_arrays(path, **arrays)


def derived(dataset: Dataset, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the arrays saved under a name; compute and save them first where there are none."""
    found = read_derived(dataset, name)
    if found is None:
        found = make()
        save_derived(dataset, name, found)
    return found
