"""How little must change in a painted cell for a model to call it something else: a game, and a probe.

The distance between two cells is the sum over their properties of how far each moved, as a share of the way
that it could move at all. The search looks for one property that turns the answer, else for a few, the most
telling first; it finds a short way, not always the shortest. The idea: Wachter, Mittelstadt and Russell,
"Counterfactual explanations without opening the black box", 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bcc.datasets.synthetic import CellSpec, paint
from bcc.specs import field_bounds

STEPS = 8
"""Values of each property that are tried to either side."""
MOST_PROPERTIES = 4
"""Properties that may change together."""
_REFINED = 5
"""Halvings of the way to the first value that turns the answer."""
Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Change:
    """A way to turn a model's answer.

    Attributes:
        spec: the changed cell.
        properties: name, value before, value after, the most telling first.
        distance: of the two cells.
        label: what the model says now, a position in its classes.
        probability: how sure it is, 0..1.
    """

    spec: CellSpec
    properties: tuple[tuple[str, float, float], ...]
    distance: float
    label: int
    probability: float


def distance(one: CellSpec, other: CellSpec) -> float:
    """How far two cells are apart: 1 is one property from bound to bound."""
    moved = (abs(getattr(one, name) - getattr(other, name)) / span for name, span in _spans().items())
    return float(sum(moved))


def smallest_change(start: CellSpec, predict: Predict, size: int = 96) -> Change | None:
    """Look for a short way to another answer.

    Args:
        start: the cell.
        predict: uint8 (M, size, size, 3) -> probabilities (M, K).
        size: of the images.

    Returns:
        `None` where no way was found.
    """
    label = int(predict(paint(start, size).image[None])[0].argmax())
    spec = start
    for _ in range(MOST_PROPERTIES):
        tried = _neighbours(spec, start)
        said = predict(np.stack([paint(one, size).image for one in tried]))
        far = np.array([distance(one, start) for one in tried])
        turned = said.argmax(axis=1) != label
        if turned.any():
            place = int(np.where(turned, far, np.inf).argmin())
            return _described(_refined(spec, tried[place], label, predict, size), start, predict, size)
        # Of those that do not turn it: the one that costs the class most for its way.
        now = predict(paint(spec, size).image[None])[0, label]
        gain = (np.log(now + 1e-9) - np.log(said[:, label] + 1e-9)) / (far - distance(spec, start) + 0.05)
        spec = tried[int(gain.argmax())]
    return None


def _spans() -> dict[str, float]:
    """Property -> the width of its range; the seed is none, and directions change nothing that has a name."""
    spans = {}
    for name, field in CellSpec.model_fields.items():
        low, high = field_bounds(field)
        if name not in ("seed", "orientation", "nucleus_angle") and low is not None and high is not None:
            spans[name] = float(high - low)
    return spans


def _neighbours(spec: CellSpec, start: CellSpec) -> list[CellSpec]:
    """The cell with one more property changed, by `STEPS` values to either side."""
    made = []
    for name in _spans():
        if getattr(spec, name) != getattr(start, name):
            continue
        info = CellSpec.model_fields[name]
        low, high = (float(bound) for bound in field_bounds(info) if bound is not None)
        here = float(getattr(spec, name))
        values = np.concatenate([np.linspace(here, end, STEPS + 1)[1:] for end in (low, high)])
        if info.annotation is int:
            values = values.round()
        for value in dict.fromkeys(values.tolist()):
            if value != here:
                made.append(_with(spec, name, value))
    return made


def _with(spec: CellSpec, name: str, value: float) -> CellSpec:
    kind: Any = int if CellSpec.model_fields[name].annotation is int else float
    changed: CellSpec = spec.model_copy(update={name: kind(value)})
    return changed


def _refined(spec: CellSpec, turned: CellSpec, label: int, predict: Predict, size: int) -> CellSpec:
    """Halve the last step of the way while the answer stays turned."""
    name = next(one for one in _spans() if getattr(spec, one) != getattr(turned, one))
    if CellSpec.model_fields[name].annotation is int:
        return turned
    near, far = float(getattr(spec, name)), float(getattr(turned, name))
    for _ in range(_REFINED):
        middle = (near + far) / 2
        if predict(paint(_with(turned, name, middle), size).image[None])[0].argmax() == label:
            near = middle
        else:
            far = middle
    return _with(turned, name, round(far, 4))


def _described(spec: CellSpec, start: CellSpec, predict: Predict, size: int) -> Change:
    said = predict(paint(spec, size).image[None])[0]
    spans = _spans()
    moved = [name for name in spans if getattr(spec, name) != getattr(start, name)]
    moved.sort(key=lambda name: -abs(getattr(spec, name) - getattr(start, name)) / spans[name])
    properties = tuple((name, float(getattr(start, name)), float(getattr(spec, name))) for name in moved)
    label = int(said.argmax())
    return Change(spec, properties, distance(spec, start), label, float(said[label]))
