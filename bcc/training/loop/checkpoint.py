"""Save all that training needs to go on, and put it back: plain arrays, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from bcc.errors import UserError
from bcc.runs import Run, write_arrays

if TYPE_CHECKING:
    import keras


def save_checkpoint(run: Run, variables: list[keras.Variable], position: Mapping[str, float]) -> None:
    """Write variables (random states included) and where the run stands.

    Args:
        variables: of the model, the optimiser and the average, in an order that never changes.
        position: numbers by name (`bcc.training.loop.train_state.TrainState`).
    """
    arrays = {f"variable_{i}": v.numpy() for i, v in enumerate(variables)}
    write_arrays(run.checkpoint, **arrays, **{k: np.asarray(v) for k, v in position.items()})


def read_train_state(run: Run) -> dict[str, float]:
    """Where the run stood, before anything is built that the rest of the checkpoint fits into.

    Raises:
        UserError: there is no checkpoint, or it is damaged.
    """
    with _explaining_damage(run), np.load(run.checkpoint, allow_pickle=False) as file:
        position = {k: float(file[k]) for k in file.files if not k.startswith("variable_")}
        if not {"step", "best"} <= set(position):
            raise KeyError("step")
        return position


def restore_variables(run: Run, variables: list[keras.Variable]) -> None:
    """Put the variables back.

    Raises:
        UserError: there is no checkpoint, or it is damaged or of another model.
    """
    with _explaining_damage(run), np.load(run.checkpoint, allow_pickle=False) as file:
        for i, variable in enumerate(variables):
            variable.assign(file[f"variable_{i}"])


@contextmanager
def _explaining_damage(run: Run) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UserError(f"Run '{run.id}' has no checkpoint to go on from: start it anew.") from error
    except Exception as error:  # numpy and zipfile raise many kinds for a damaged file.
        raise UserError(
            f"The checkpoint of run '{run.id}' is damaged or of another model: start it anew."
        ) from error
