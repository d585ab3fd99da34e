"""Draw a cell of a class: from a name and a seed to a `CellSpec`.

The ranges are in `bcc.datasets.synthetic.ranges`; painting is `bcc.datasets.synthetic.paint`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bcc.datasets.synthetic.ranges import FORMS, SMEAR, Form
from bcc.datasets.synthetic.spec import CellSpec
from bcc.datasets.synthetic.streams import stream
from bcc.errors import UserError
from bcc.specs import field_bounds

CLASS_NAMES = (
    "basophil",
    "eosinophil",
    "erythroblast",
    "immature granulocyte",
    "lymphocyte",
    "monocyte",
    "neutrophil",
    "platelet",
)
"""The eight classes in the challenge's order."""

_DIRECTIONS = ("orientation", "nucleus_angle")
_SPREADS_BETWEEN = 2 * 1.645
"""Standard deviations between the 5th and the 95th percentile of a normal distribution."""


def draw_spec(class_name: str, seed: int) -> CellSpec:
    """A random cell of a class; the same arguments give the same spec.

    Args:
        class_name: one of `CLASS_NAMES`.
        seed: 0 or more; becomes the spec's own seed.

    Raises:
        UserError: `class_name` is unknown, or `seed` is out of range.
    """
    if class_name not in FORMS:
        raise UserError(f"There is no painted class {class_name!r}; choose one of {', '.join(CLASS_NAMES)}.")
    if not 0 <= seed < 2**31:
        raise UserError(f"The seed of a painted cell is a whole number from 0 to {2**31 - 1}, not {seed}.")
    rng = stream(seed, "spec", CLASS_NAMES.index(class_name))
    form = _choose(FORMS[class_name], rng.random())
    ranges = SMEAR | form.fields
    values: dict[str, Any] = {"seed": seed}
    for name, field in CellSpec.model_fields.items():
        # One draw per field, needed or not, so that a new range leaves the other fields alone.
        normal, uniform = float(rng.normal()), float(rng.random())
        if name in _DIRECTIONS:
            values[name] = 360.0 * uniform
        elif name in ranges:
            low, high = ranges[name]
            value = 0.5 * (low + high) + normal * (high - low) / _SPREADS_BETWEEN
            lowest, highest = field_bounds(field)
            value = float(np.clip(value, lowest, highest))
            values[name] = round(value) if field.annotation is int else value
    return CellSpec(**values)


def _choose(forms: tuple[Form, ...], chance: float) -> Form:
    for form in forms:
        chance -= form.share
        if chance < 0.0:
            return form
    return forms[-1]
