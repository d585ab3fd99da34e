"""The 2-D position of every image of a dataset on its map, computed once and cached next to the dataset."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bcc.cells.embedding import Progress, components, neighbour_map, principal_plane
from bcc.cells.features import simple_features
from bcc.datasets import Dataset, derived, duplicate_groups, read_derived

MapLayout = Literal["plane", "neighbours"]


NAMES: dict[MapLayout, str] = {"plane": "map-plane", "neighbours": "map-neighbours-750"}
"""Cache name of each layout; it changes with the computation, so that stale caches are ignored."""


def is_laid_out(dataset: Dataset, layout: MapLayout) -> bool:
    """Whether the map is cached already."""
    return read_derived(dataset, NAMES[layout]) is not None


def lay_out(dataset: Dataset, layout: MapLayout, progress: Progress | None = None) -> np.ndarray:
    """Compute the map of a dataset, or read it from the cache.

    Exact copies of an image get the same position.

    Args:
        dataset: a dataset whose images are at least 16 px wide and high.
        layout: "plane" for the first two principal components of the simple features, "neighbours" for t-SNE
            on the first 50 components.
        progress: called with the share done (0..1) and a sentence.

    Returns:
        float32 (N, 2), one position per row.

    Raises:
        UserError: the images are too small, or the disk is full.
    """
    report = progress or (lambda share, sentence: None)
    groups = duplicate_groups(dataset.row_hashes)
    _, first = np.unique(groups, return_index=True)

    def describe() -> dict[str, np.ndarray]:
        share = 0.9 if layout == "plane" else 0.3
        found = simple_features(dataset.images, lambda done, text: report(share * done, text), rows=first)
        return {"components": components(found)}

    def place() -> dict[str, np.ndarray]:
        parts = derived(dataset, "components", describe)["components"]
        if layout == "plane":
            return {"places": principal_plane(parts)[groups]}
        laid = neighbour_map(parts, lambda done, text: report(0.3 + 0.7 * done, text))
        return {"places": laid[groups]}

    return derived(dataset, NAMES[layout], place)["places"]
