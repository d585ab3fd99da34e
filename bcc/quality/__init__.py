"""What is wrong with the pictures: checks that turn a set into findings, for a person to decide on.

    findings = scan(dataset)
    findings.frame        # index, kind, score, group, suggested, detail
    selection = selection_from(findings)

Each check is one class in a file of its own with its thresholds as fields. It takes arrays (pixels,
features, probabilities), never a model; nothing here imports tensorflow.
"""

from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.findings import DUPLICATE_KINDS, KINDS, SUGGESTIONS, Findings
from bcc.quality.kept import KeptScan, keep_scan, kept_scan
from bcc.quality.review import Item, Unit, accept, review
from bcc.quality.scan import default_checks, scan
from bcc.quality.suggestions import selection_from

__all__ = [
    "DUPLICATE_KINDS",
    "KINDS",
    "SUGGESTIONS",
    "Check",
    "Findings",
    "Item",
    "KeptScan",
    "Result",
    "ScanContext",
    "Unit",
    "accept",
    "default_checks",
    "keep_scan",
    "kept_scan",
    "review",
    "scan",
    "selection_from",
]
