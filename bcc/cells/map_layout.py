"""Where each image of a whole set lies on its map, worked out once and kept beside the set."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bcc.cells.embedding import Progress, components, neighbour_map, principal_plane
from bcc.cells.features import simple_features
from bcc.datasets import Dataset, derived, duplicate_groups, read_derived

Way = Literal["plane", "neighbours"]


NAMES: dict[Way, str] = {"plane": "map-plane", "neighbours": "map-neighbours-750"}
"""Under which each map is kept; another name whenever it is made otherwise."""


def is_laid_out(dataset: Dataset, way: Way) -> bool:
    """Whether the map was made before and only needs to be read."""
    return read_derived(dataset, NAMES[way]) is not None


def lay_out(dataset: Dataset, way: Way, progress: Progress | None = None) -> np.ndarray:
    """Make the map of a set, or read it where it was made before.

    Copies of an image lie where it lies.

    Args:
        dataset: the set, with images of at least 16 px.
        way: "plane" for the first two principal components of the simple features, "neighbours" for t-SNE
            on the first 50.
        progress: called with (share done, sentence).

    Returns:
        float32 (N, 2).

    Raises:
        UserError: the images are too small, or the disk is full.
    """
    report = progress or (lambda share, sentence: None)
    groups = duplicate_groups(dataset.row_hashes)
    _, first = np.unique(groups, return_index=True)

    def describe() -> dict[str, np.ndarray]:
        share = 0.9 if way == "plane" else 0.3
        found = simple_features(dataset.images, lambda done, text: report(share * done, text), rows=first)
        return {"components": components(found)}

    def place() -> dict[str, np.ndarray]:
        parts = derived(dataset, "components", describe)["components"]
        if way == "plane":
            return {"places": principal_plane(parts)[groups]}
        laid = neighbour_map(parts, lambda done, text: report(0.3 + 0.7 * done, text))
        return {"places": laid[groups]}

    return derived(dataset, NAMES[way], place)["places"]
