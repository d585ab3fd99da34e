"""Where images come from: files, folders, zips, downloads and the built-in painter become a `Dataset`.

It also holds what belongs to a set before any model sees it: preprocessing, class names, the split and
the exact identity of rows. Finding faulty images is left to `bcc.quality`.
"""

from __future__ import annotations

from bcc.datasets.balance import (
    balance_by_side,
    balance_summary,
    balanced_class_weights,
    class_balance,
    class_weight_table,
    effective_number,
    effective_number_weights,
    imbalance_ratio,
    oversampling,
)
from bcc.datasets.cache.cached_datasets import CachedSet, adopt, cached_sets, open_cached, rename_classes
from bcc.datasets.cache.derived_arrays import derived, read_derived, save_derived
from bcc.datasets.classes import CLASS_PRESETS, resolve_classes
from bcc.datasets.dataset import SPLITS, Dataset
from bcc.datasets.download import download
from bcc.datasets.export import export_npz
from bcc.datasets.file_names import with_files
from bcc.datasets.identity import among, duplicate_groups, fingerprint, first_of_each, hash_rows
from bcc.datasets.near_copies import NearCopies, open_near_copies
from bcc.datasets.preprocessing import Preprocessing
from bcc.datasets.selection import (
    Decision,
    Selection,
    delete_selection,
    find_selection,
    import_selection,
    open_selection,
    read_selection,
    saved_selections,
    with_labels,
)
from bcc.datasets.source_mark import SourceMark
from bcc.datasets.sources import load, mark
from bcc.datasets.split import group_numbers, joined_groups, same_cell_groups, split, split_of

__all__ = [
    "CLASS_PRESETS",
    "SPLITS",
    "CachedSet",
    "Dataset",
    "Decision",
    "NearCopies",
    "Preprocessing",
    "Selection",
    "SourceMark",
    "adopt",
    "among",
    "balance_by_side",
    "balance_summary",
    "balanced_class_weights",
    "cached_sets",
    "class_balance",
    "class_weight_table",
    "delete_selection",
    "derived",
    "download",
    "duplicate_groups",
    "effective_number",
    "effective_number_weights",
    "export_npz",
    "find_selection",
    "fingerprint",
    "first_of_each",
    "group_numbers",
    "hash_rows",
    "imbalance_ratio",
    "import_selection",
    "joined_groups",
    "load",
    "mark",
    "open_cached",
    "open_near_copies",
    "open_selection",
    "oversampling",
    "read_derived",
    "read_selection",
    "rename_classes",
    "resolve_classes",
    "same_cell_groups",
    "save_derived",
    "saved_selections",
    "split",
    "split_of",
    "with_files",
    "with_labels",
]
