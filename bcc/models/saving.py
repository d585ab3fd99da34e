"""Save and load models as `.keras` files, in safe mode: a model file can never run code."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from bcc.atomic_files import explaining_full_disk
from bcc.errors import UserError
from bcc.models.tensorflow_start import start_tensorflow

if TYPE_CHECKING:
    import keras


def save_model(model: keras.Model, path: Path) -> None:
    """Write `model` to `path` (`.keras`), whole or not at all.

    Raises:
        UserError: the disk is full; what was at `path` before stays as it was.
    """
    unfinished = path.with_name(f".{path.stem}.unfinished.keras")
    with explaining_full_disk(path):
        try:
            model.save(unfinished)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


def load_model(path: str | Path) -> keras.Model:
    """Read a `.keras` file.

    Raises:
        UserError: the file is missing, not a Keras model, damaged, or contains code to run.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"There is no model file '{path}'.")
    if not zipfile.is_zipfile(path):
        raise UserError(f"'{path.name}' is not a .keras model file: expected a file saved by BCC or Keras 3.")
    start_tensorflow()
    import keras

    import bcc.models.layers  # noqa: F401  (registers LayerScale for loading)

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds for a damaged or unsafe file.
        reason = "it contains code to run" if "safe_mode" in str(error) else "it is damaged or foreign"
        raise UserError(f"The model file '{path.name}' was not loaded: {reason}.") from error
