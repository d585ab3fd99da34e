"""Which weights a run started from, and whether they reached every layer.

A small file of the run's own, written before the first step of a run that did not start from random weights.
"""

from __future__ import annotations

import numpy as np

from bcc.atomic_files import write_arrays, write_json
from bcc.errors import UserError
from bcc.runs.run import Run
from bcc.specs import Spec, check, option


class FirstWeights(Spec):
    """The contents of first_weights.json."""

    source: str = option("none", "What the option `weights` named: 'imagenet', a run or a file.")
    layers: int = option(0, "Layers of the model that have weights.", ge=0)
    filled: int = option(0, "Those that got theirs from the source.", ge=0)
    missing: tuple[str, ...] = option((), "Names of the others, which started from random weights.")
    sentence: str = option("", "The same for a person.")


def read_first_weights(run: Run) -> FirstWeights | None:
    """What a run started from; `None` where it was random weights, or was not written down.

    Raises:
        UserError: the file is damaged.
    """
    if not run.first_weights.exists():
        return None
    values = run.read_json(run.first_weights)
    if not isinstance(values, dict):
        raise UserError(f"first_weights.json of run '{run.id}' cannot be read: it holds no JSON object.")
    return check(FirstWeights, values, f"first_weights.json of run '{run.id}'")


def write_first_weights(run: Run, first: FirstWeights) -> None:
    """Write the file."""
    write_json(run.first_weights, first.model_dump(mode="json"))


def write_first_rows(run: Run, hashes: np.ndarray) -> None:
    """Write down which images the first weights have seen: uint64 (M, 2), hashes of their pixels."""
    write_arrays(run.first_rows, hashes=np.asarray(hashes, np.uint64))


def read_first_rows(run: Run) -> np.ndarray:
    """Hashes of the images that the first weights have seen, uint64 (M, 2); none where nothing is known.

    Raises:
        UserError: the file is damaged.
    """
    if not run.first_rows.exists():
        return np.empty((0, 2), np.uint64)
    try:
        with np.load(run.first_rows, allow_pickle=False) as file:
            hashes: np.ndarray = file["hashes"]
    except Exception as error:  # numpy and zipfile raise many kinds for a damaged file.
        raise UserError(f"first_rows.npz of run '{run.id}' cannot be read: it is damaged.") from error
    if hashes.ndim != 2 or hashes.shape[1] != 2 or hashes.dtype != np.uint64:
        raise UserError(f"first_rows.npz of run '{run.id}' should hold two whole numbers a line.")
    return hashes
