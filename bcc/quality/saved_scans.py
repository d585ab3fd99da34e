"""The last scan of each dataset, saved on disk so that it survives a restart.

data/findings/<fingerprint>/findings.csv, scores.csv, numbers.csv, about.json
data/findings/<fingerprint>/near_copies/<mark>.npz, also those of earlier scans: runs name them
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bcc.datasets import Dataset, NearCopies, duplicate_groups, open_near_copies
from bcc.datasets.cache.cached_datasets import read_json, why_not_saved, write_json
from bcc.datasets.selection import now
from bcc.errors import UserError
from bcc.paths import data_folder
from bcc.quality.findings import Findings

_MARK = "[0-9a-f]{12}"
_NEAR_COPIES = "near_copies"


@dataclass(frozen=True)
class SavedScan:
    """A saved scan.

    Attributes:
        findings: what it found.
        when: UTC, in ISO form to the second.
        labels_by: whose word on the labels it took, in words.
    """

    findings: Findings
    when: str
    labels_by: str


def scan_folder(dataset: Dataset) -> Path:
    """Return the folder of the last scan of a dataset."""
    return _findings_folder(dataset.fingerprint)


def save_scan(findings: Findings, dataset: Dataset, labels_by: str) -> None:
    """Save a scan; it replaces the previous one once it is completely written.

    The near copies that it found are saved under their mark next to those of earlier scans, since runs refer
    to them by it.

    Raises:
        UserError: the disk is full or read-only; the scan before stays.
    """
    folder = scan_folder(dataset)
    when = now()
    found = near_copies_in(findings, dataset, when)
    try:
        (folder / _NEAR_COPIES).mkdir(parents=True, exist_ok=True)
        found.save(_near_copies_file(dataset.fingerprint, found.scan))
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as made:
            findings.save(made)
            about = {"when": when, "labels_by": labels_by, "near_copies": found.scan}
            write_json(Path(made) / "about.json", about)
            # Its absence says that the tables are not all of one scan. From here on nothing takes room.
            (folder / "about.json").unlink(missing_ok=True)
            for name in ("findings.csv", "scores.csv", "numbers.csv", "about.json"):
                os.replace(Path(made) / name, folder / name)
    except OSError as error:
        raise UserError(why_not_saved(error, f"the scan of {dataset.source}")) from error


def saved_scan(dataset: Dataset) -> SavedScan | None:
    """Return the last scan of a dataset; `None` where it was not scanned yet.

    Raises:
        UserError: the files are damaged or of another set.
    """
    folder = scan_folder(dataset)
    about = read_json(folder / "about.json")
    if about is None:
        return None
    return SavedScan(
        Findings.load(folder, dataset), str(about.get("when", "")), str(about.get("labels_by", ""))
    )


def near_copies_in(findings: Findings, dataset: Dataset, when: str = "") -> NearCopies:
    """The near copies that a scan found, with the exact copies of each."""
    found = findings.of_kind("near_duplicate").sort_values("index")
    images = duplicate_groups(dataset.row_hashes)
    # The scan looks at one row of each distinct image; its copies belong to the same cell.
    group = np.full(int(images.max(initial=-1)) + 1, -1, np.int64)
    group[images[found["index"].to_numpy()]] = found["group"].to_numpy()
    rows = np.flatnonzero(group[images] >= 0)
    return NearCopies(rows, group[images[rows]], when)


def near_copies_of(dataset: Dataset, scan: str = "last") -> NearCopies | None:
    """Return the near copies that a saved scan of a dataset found.

    Args:
        dataset: the set.
        scan: "last", "none", or the mark of a scan (`NearCopies.scan`).

    Returns:
        `None` for "none", and for "last" where the set was not scanned yet.

    Raises:
        UserError: no scan of that mark is saved, or its file is damaged.
    """
    if scan == "none":
        return None
    if scan != "last":
        # Anything else than a mark would be a way to a file elsewhere.
        file = _near_copies_file(dataset.fingerprint, scan)
        if re.fullmatch(_MARK, scan) and file.exists():
            return open_near_copies(file, len(dataset))
        last = near_copies_of(dataset)
        if last is not None and last.scan == scan:
            return last
        raise UserError(
            f"There is no scan '{scan}' of {dataset.source} ({dataset.fingerprint}) here; set data.scan to "
            "'last' for the last scan of the set, or to 'none'."
        )
    last = last_near_copies(dataset.fingerprint, len(dataset))
    if last is None and (kept := saved_scan(dataset)) is not None:
        # Saved by a version that did not write them separately.
        last = near_copies_in(kept.findings, dataset, kept.when)
    return last


def last_near_copies(fingerprint: str, rows: int) -> NearCopies | None:
    """Near copies found by the last scan of a dataset, without opening it; `None` where none is saved.

    Raises:
        UserError: the file is damaged.
    """
    mark = scan_mark(fingerprint)
    file = _near_copies_file(fingerprint, mark)
    return open_near_copies(file, rows) if mark and file.exists() else None


def scan_mark(fingerprint: str) -> str:
    """Return the mark of the last scan of a dataset, empty where none is saved."""
    about = read_json(_findings_folder(fingerprint) / "about.json") or {}
    mark = str(about.get("near_copies", ""))
    return mark if re.fullmatch(_MARK, mark) else ""


def _findings_folder(fingerprint: str) -> Path:
    return data_folder() / "findings" / fingerprint


def _near_copies_file(fingerprint: str, mark: str) -> Path:
    return _findings_folder(fingerprint) / _NEAR_COPIES / f"{mark}.npz"
