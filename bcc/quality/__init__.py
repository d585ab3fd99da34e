"""Checks that find faulty images in a dataset, for a person to decide on.

    findings = scan(dataset)
    findings.frame        # index, kind, score, group, suggested, detail
    selection = selection_from(findings)

Each check is one class in a separate file, with its thresholds as fields. It takes arrays (pixels,
features, probabilities), never a model; nothing here imports tensorflow.
"""

from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.findings import CERTAIN_KINDS, DUPLICATE_KINDS, KINDS, SUGGESTIONS, Findings
from bcc.quality.review import Item, Unit, accept, relabel_doubtful, review
from bcc.quality.saved_scans import SavedScan, last_near_copies, near_copies_of, save_scan, saved_scan
from bcc.quality.scan import default_checks, scan
from bcc.quality.suggestions import selection_from

__all__ = [
    "CERTAIN_KINDS",
    "DUPLICATE_KINDS",
    "KINDS",
    "SUGGESTIONS",
    "Check",
    "Findings",
    "Item",
    "Result",
    "SavedScan",
    "ScanContext",
    "Unit",
    "accept",
    "default_checks",
    "last_near_copies",
    "near_copies_of",
    "relabel_doubtful",
    "review",
    "save_scan",
    "saved_scan",
    "scan",
    "selection_from",
]
