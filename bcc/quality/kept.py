"""The last scan of each set, kept on disk so that it is there after a restart.

data/findings/<fingerprint>/findings.csv, scores.csv, numbers.csv, about.json
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bcc.datasets import Dataset
from bcc.datasets.cache import read_json, why_not_kept, write_json
from bcc.datasets.selection import now
from bcc.errors import UserError
from bcc.folders import data_folder
from bcc.quality.findings import Findings


@dataclass(frozen=True)
class KeptScan:
    """A scan that was kept.

    Attributes:
        findings: what it found.
        when: UTC, in ISO form to the second.
        labels_by: whose word on the labels it took, in words.
    """

    findings: Findings
    when: str
    labels_by: str


def scan_folder(dataset: Dataset) -> Path:
    """Where the last scan of a set lies."""
    return data_folder() / "findings" / dataset.fingerprint


def keep_scan(findings: Findings, dataset: Dataset, labels_by: str) -> None:
    """Keep a scan; the one before it is replaced.

    Raises:
        UserError: the disk is full or read-only.
    """
    folder = scan_folder(dataset)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Its absence says that the tables are not all there.
        (folder / "about.json").unlink(missing_ok=True)
        findings.save(folder)
        write_json(folder / "about.json", {"when": now(), "labels_by": labels_by})
    except OSError as error:
        raise UserError(why_not_kept(error, "the scan")) from error


def kept_scan(dataset: Dataset) -> KeptScan | None:
    """The last scan of a set; `None` where it was not scanned yet.

    Raises:
        UserError: the files are damaged or of another set.
    """
    folder = scan_folder(dataset)
    about = read_json(folder / "about.json")
    if about is None:
        return None
    return KeptScan(
        Findings.load(folder, dataset), str(about.get("when", "")), str(about.get("labels_by", ""))
    )
