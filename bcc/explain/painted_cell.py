"""One painted cell: how predictions change with one of its properties, and how to save it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from bcc.datasets.synthetic import CLASS_NAMES, CellSpec, draw_spec, paint
from bcc.datasets.synthetic.ranges import FORMS, SMEAR
from bcc.errors import UserError
from bcc.specs import check, field_bounds

SWEEP_STEPS = 21
"""Values of a property that is swept, its bounds among them."""

Predict = Callable[[np.ndarray], np.ndarray]


def typical_spec(class_name: str, seed: int = 0) -> CellSpec:
    """Return a cell in the middle of every range of its class; the seed only places granules and neighbours.

    Raises:
        UserError: there is no such painted class.
    """
    values = dict(draw_spec(class_name, seed))
    for name, (low, high) in (SMEAR | FORMS[class_name][0].fields).items():
        field = CellSpec.model_fields[name]
        lowest, highest = field_bounds(field)
        middle = float(np.clip((low + high) / 2, lowest, highest))
        values[name] = round(middle) if field.annotation is int else round(middle, 4)
    return CellSpec(**values | {"orientation": 30.0, "nucleus_angle": 40.0})


def sweep(
    spec: CellSpec, field: str, predict: Predict, size: int = 96
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Paint the cell with every value of one property, and predict each.

    Args:
        spec: the cell.
        field: a number among its fields.
        predict: uint8 (M, size, size, 3) -> probabilities (M, K).
        size: of the images.

    Returns:
        Values float64 (M,), from bound to bound; probabilities (M, K); images uint8 (M, size, size, 3).

    Raises:
        UserError: there is no such field.
    """
    if field not in CellSpec.model_fields:
        raise UserError(f"A painted cell has no property '{field}'.")
    info = CellSpec.model_fields[field]
    low, high = field_bounds(info)
    assert low is not None
    assert high is not None
    if info.annotation is int:
        values = np.unique(np.linspace(low, high, SWEEP_STEPS).round())
    else:
        values = np.linspace(low, high, SWEEP_STEPS)
    kind: Any = int if info.annotation is int else float
    cells = [spec.model_copy(update={field: kind(value)}) for value in values]
    images = np.stack([paint(cell, size).image for cell in cells])
    return values, predict(images), images


def as_text(spec: CellSpec, start: str) -> str:
    """A cell as JSON that `from_text` reads: the class that it began as, and every property."""
    return json.dumps({"start": start, **spec.model_dump()}, indent=2) + "\n"


def from_text(text: str | bytes) -> tuple[CellSpec, str]:
    """A cell, and the class that it began as.

    Raises:
        UserError: the text is no cell.
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        raise UserError("The file is no painted cell: expected the JSON that this page saves.") from error
    if not isinstance(values, dict):
        raise UserError("The file is no painted cell: expected the JSON that this page saves.")
    start = values.pop("start", CLASS_NAMES[0])
    if start not in CLASS_NAMES:
        raise UserError(f"The cell begins as '{start}': choose one of {', '.join(CLASS_NAMES)}.")
    spec: CellSpec = check(CellSpec, values, "the painted cell")
    return spec, start


def changes(spec: CellSpec, start: CellSpec) -> str:
    """Describe the difference to another cell, short enough for an address: "lobes:3,orange_granules:0.1"."""
    return ",".join(
        f"{name}:{value:g}" for name, value in spec if name != "seed" and value != getattr(start, name)
    )


def changed(start: CellSpec, text: str) -> CellSpec:
    """The other way round.

    Raises:
        UserError: a property is unknown or out of bounds.
    """
    values: dict[str, Any] = dict(start)
    for part in filter(None, text.split(",")):
        name, _, value = part.partition(":")
        try:
            number = float(value)
        except ValueError as error:
            raise UserError(f"The address names no value for '{name}'.") from error
        values[name] = int(number) if number.is_integer() else number
    spec: CellSpec = check(CellSpec, values, "the painted cell")
    return spec
