"""One colour a class, everywhere. Importing this module does not import plotly."""

from __future__ import annotations

import re
from collections.abc import Iterable

CLASS_COLOURS = {
    "basophil": "#a782f9",
    "eosinophil": "#b53a00",
    "erythroblast": "#eb7e97",
    "ig": "#8f4e83",
    "lymphocyte": "#0c66c1",
    "monocyte": "#19bdd2",
    "neutrophil": "#3c9d54",
    "platelet": "#cbad0d",
}
"""The eight classes of the PBC set. Chosen by search: contrast of at least 2.2 to white and 3 to a
dark page, and as far apart as that allows in OKLab, for normal and for red-, green- and blue-blind
sight."""

_ALSO_CALLED = {"immature granulocyte": "ig"}
OTHER_COLOURS = (
    "#0c66c1", "#b53a00", "#3c9d54", "#a782f9", "#cbad0d", "#8f4e83", "#19bdd2", "#eb7e97",
    "#7d8597", "#d1743f", "#6b8e23", "#5f6fd9", "#b08968", "#c2559d", "#2f8f83", "#9aa23a",
)  # fmt: skip


def class_colours(class_names: Iterable[str]) -> dict[str, str]:
    """One fixed colour for each class name.

    The eight classes of the PBC set keep theirs in any order, company and spelling ("Immature
    granulocytes", "ig"); other names take the free colours by position, and beyond sixteen classes
    colours repeat.

    Returns:
        Name -> "#rrggbb", in the order given.
    """
    names = list(class_names)
    colours = {name: CLASS_COLOURS[key] for name in names if (key := _canonical(name)) in CLASS_COLOURS}
    free = [colour for colour in OTHER_COLOURS if colour not in colours.values()]
    others = [name for name in names if name not in colours]
    colours |= {name: free[position % len(free)] for position, name in enumerate(others)}
    return {name: colours[name] for name in names}


def _canonical(name: str) -> str:
    """Turn "Immature_Granulocytes (IG)" into "ig": case, plural, brackets and joiners do not matter."""
    plain = re.sub(r"\(.*?\)", "", name).replace("_", " ").replace("-", " ")
    plain = " ".join(plain.casefold().split()).removesuffix("s")
    return _ALSO_CALLED.get(plain, plain)
