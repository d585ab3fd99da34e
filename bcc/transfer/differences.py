"""What differs between the images of two sets, in plain words.

Every difference is compared with how much single images of the run's own set differ among themselves: a
background that is 30 levels darker matters where backgrounds at home agree within 2, and hardly where they
scatter by 40.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bcc.cells.set_profile import SCALE_LIMIT, SetProfile
from bcc.cells.stain_directions import StainDirections

CUT_SHARE = 0.97
"""Cells that fill so much of an image's side are cut by its border, and may be larger than measured."""
_DEVIATIONS = 3.0
"""Robust standard deviations of the home set beyond which a difference is notable."""
_LEAST = {"glass": 8.0, "edge_width": 0.25, "detail": 0.15}
"""Never notable below this: levels of the background; shares of the home value for the others."""
_DYE_ANGLE = 12.0
"""Degrees by which a dye must turn; between samples of one set it is 2 to 5."""


@dataclass(frozen=True)
class Difference:
    """One thing that was compared.

    Attributes:
        name: "background", "cell size", "azure", "eosin", "focus" or "detail".
        here, there: what was measured on the run's set and on the other one, with its unit.
        notable: whether it is beyond what images of the run's own set show.
        sentence: what it means, for a person.
    """

    name: str
    here: str
    there: str
    notable: bool
    sentence: str


def scale_factor(home: SetProfile, other: SetProfile) -> float:
    """How many times as large a cell is in images of the other set, both brought to one size; NaN unknown."""
    return other.middle["cell_share"] / home.middle["cell_share"]


def differences(home: SetProfile, other: SetProfile) -> tuple[Difference, ...]:
    """Compare two sets.

    Args:
        home: of the images that a run was trained on.
        other: of the set that it is asked about.

    Returns:
        One for each thing that both were measured on, in a fixed order.
    """
    found = [_background(home, other), _cell_size(home, other)]
    if home.stain is not None and other.stain is not None:
        found += [_dye(name, home.stain, other.stain) for name in ("azure", "eosin")]
    found += [
        _sharpness(home, other, "edge_width", "focus", "px an edge", "softer", "sharper"),
        _sharpness(home, other, "detail", "detail", "px of detail", "finer or grainier", "coarser"),
    ]
    return tuple(one for one in found if one is not None)


def _background(home: SetProfile, other: SetProfile) -> Difference:
    here, there = np.array(home.glass), np.array(other.glass)
    spread = np.array([home.spread[f"glass_{name}"] for name in ("red", "green", "blue")])
    gap = there - here
    notable = bool((np.abs(gap) > np.maximum(_DEVIATIONS * spread, _LEAST["glass"])).any())
    names = ("red", "green", "blue")
    parts = [f"{name} {step:+.0f}" for name, step in zip(names, gap, strict=True) if abs(step) >= 0.5]
    sentence = f"The bare glass is {', '.join(parts)} levels." if parts else "The bare glass is the same."
    return Difference("background", _rgb(here), _rgb(there), notable, sentence)


def _cell_size(home: SetProfile, other: SetProfile) -> Difference | None:
    factor = scale_factor(home, other)
    if not np.isfinite(factor):
        return None
    here, there = home.middle["cell_share"], other.middle["cell_share"]
    notable = max(factor, 1 / factor) > 1 + SCALE_LIMIT
    sentence = f"A cell is {factor:.2f} times as large in the image."
    if there >= CUT_SHARE:
        sentence += " Cells are cut by the border, so it may be more."
        notable = True
    if notable and factor < 1:
        sentence += f" Crop the middle {factor:.0%} of each image's side to match the run's scale."
    elif notable:
        sentence += f" Images that show {factor:.2f} times as much around each cell would match it."
    return Difference("cell size", f"{here:.0%} of the side", f"{there:.0%} of the side", notable, sentence)


def _dye(name: str, home: StainDirections, other: StainDirections) -> Difference:
    here, there = (np.array(getattr(one, name)) for one in (home, other))
    cosine = float(here @ there / (np.linalg.norm(here) * np.linalg.norm(there)))
    angle = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    dye = {"azure": "The blue dye (azure)", "eosin": "The pink dye (eosin)"}[name]
    return Difference(
        name, _direction(here), _direction(there), angle > _DYE_ANGLE,
        f"{dye} absorbs in another colour, turned by {angle:.0f}°."
        if angle > _DYE_ANGLE
        else f"{dye} has about the same colour ({angle:.0f}° apart).",
    )  # fmt: skip


def _sharpness(
    home: SetProfile, other: SetProfile, measure: str, name: str, unit: str, more: str, less: str
) -> Difference:
    # Brought to one side: what counts is what the run sees.
    here = home.middle[measure] / home.side
    there = other.middle[measure] / other.side
    spread = home.spread[measure] / home.side
    gap = there - here
    notable = abs(gap) > max(_DEVIATIONS * spread, _LEAST[measure] * here)
    sentence = (
        f"Images are {more if gap > 0 else less}: {there / here:.2f} times."
        if notable
        else f"Images are about as before ({there / here:.2f} times)."
    )
    return Difference(
        name, f"{here * 96:.1f} {unit} at 96 px", f"{there * 96:.1f} {unit} at 96 px", bool(notable), sentence
    )


def _rgb(colour: np.ndarray) -> str:
    return "R {:.0f}, G {:.0f}, B {:.0f}".format(*colour)


def _direction(colour: np.ndarray) -> str:
    return "{:.2f}, {:.2f}, {:.2f}".format(*colour)
