"""The cells of the chosen dataset that have a label, as a person's selection has them; computed once."""

from __future__ import annotations

from bcc.datasets import Dataset, Selection
from bcc.practice import Pool, pool_of
from pages.parts.state import loaders


def labelled_cells(dataset: Dataset, selection: Selection) -> Pool:
    """The cells that can be asked for or compared.

    Raises:
        UserError: no cell has a label.
    """
    decided = hash(repr((sorted(selection.decisions.items()), selection.labels)))
    key = ("labelled cells", dataset.fingerprint, dataset.class_names, decided)
    return loaders.cached(key, lambda: pool_of(dataset, selection))
