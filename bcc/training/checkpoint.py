"""Save all that training needs to go on, and put it back: plain arrays, written whole or not at all."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bcc.errors import UserError
from bcc.runs import Run, write_arrays
from bcc.training.averaging import WeightAverage

if TYPE_CHECKING:
    import keras


def save_checkpoint(
    run: Run,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    average: WeightAverage,
    position: Mapping[str, float],
) -> None:
    """Write every variable (random states included) and where the run stands.

    Args:
        position: numbers by name (`bcc.training.progress.Position`).
    """
    arrays = {f"variable_{i}": v.numpy() for i, v in enumerate(_variables(model, optimizer, average))}
    write_arrays(run.checkpoint, **arrays, **{k: np.asarray(v) for k, v in position.items()})


def restore_checkpoint(
    run: Run, model: keras.Model, optimizer: keras.optimizers.Optimizer, average: WeightAverage
) -> dict[str, float]:
    """Put the variables back.

    Returns:
        The position that was saved.

    Raises:
        UserError: there is no checkpoint, or it is damaged or of another model.
    """
    variables = _variables(model, optimizer, average)
    try:
        with np.load(run.checkpoint, allow_pickle=False) as file:
            for i, variable in enumerate(variables):
                variable.assign(file[f"variable_{i}"])
            return {k: float(file[k]) for k in file.files if not k.startswith("variable_")}
    except FileNotFoundError as error:
        raise UserError(f"Run '{run.id}' has no checkpoint to go on from: start it anew.") from error
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"The checkpoint of run '{run.id}' is damaged or of another model: start it anew."
        ) from error


def _variables(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, average: WeightAverage
) -> list[keras.Variable]:
    return [*model.variables, *optimizer.variables, *average.averages]
