"""How much of what was planted a scan finds, and how many clean cells it flags."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bcc.quality import DUPLICATE_KINDS, Findings

EXPECTED = {
    "repeated_composite": ("exact_duplicate", "conflicting_duplicate"),
    "exact_duplicate": ("exact_duplicate",),
    "conflicting_duplicate": ("conflicting_duplicate",),
    "near_duplicate": ("near_duplicate",),
    "composite": ("not_a_cell",),
    "cartoon": ("not_a_cell",),
    "text": ("not_a_cell",),
    "plain": ("not_a_cell", "low_information"),
    "noise": ("not_a_cell",),
    "other_stain": ("other_stain",),
    "blurred": ("blurred",),
    "dark": ("dark",),
    "light": ("light",),
    "low_contrast": ("low_contrast",),
    "low_information": ("low_information",),
    "wrong_label": ("doubtful_label",),
}
"""Which kinds of finding count as having found a planted fault."""


def recall(findings: Findings, truth: pd.DataFrame, by_sort: bool = False) -> pd.DataFrame:
    """Share of each planted fault that was found; of duplicates either member counts.

    Returns:
        `fault`, `planted`, `found` (by the expected kind), `any` (flagged at all), and with `by_sort` a
        line for each sort of fault.
    """
    frame = findings.frame
    flagged = {kind: _mask(frame[frame["kind"] == kind], len(truth)) for kind in frame["kind"].unique()}
    nothing = np.zeros(len(truth), bool)
    anything = _mask(frame[frame["suggested"] != "keep"], len(truth))
    rows = []
    keys = ["fault", "sort"] if by_sort else ["fault"]
    for key, part in truth[truth["fault"] != ""].groupby(keys):
        fault = key[0]
        index, of = part.index.to_numpy(), part["of"].to_numpy()
        hit = np.logical_or.reduce([flagged.get(kind, nothing) for kind in EXPECTED[fault]])
        found = hit[index] | ((of >= 0) & hit[of])
        rows.append((*key, len(part), found.mean(), (anything[index] | ((of >= 0) & anything[of])).mean()))
    return pd.DataFrame(rows, columns=[*keys, "planted", "found", "any"])


def label_scores(findings: Findings, truth: pd.DataFrame) -> tuple[float, float]:
    """Recall and precision of the doubtful labels.

    A planted row that is flagged as doubtful counts against precision unless its label is wrong; rows
    with no cell on them, and duplicates under two labels, are counted neither way.
    """
    flagged = _mask(findings.of_kind("doubtful_label"), len(truth))
    wrong = (truth["fault"] == "wrong_label").to_numpy()
    without = ("composite", "cartoon", "plain", "noise", "low_information", "repeated_composite")
    counted = ~truth["fault"].isin((*without, "conflicting_duplicate")).to_numpy()
    hits = (flagged & wrong).sum()
    return float(hits / max(wrong.sum(), 1)), float(hits / max((flagged & counted).sum(), 1))


def flagged_clean(findings: Findings, truth: pd.DataFrame) -> pd.Series:
    """Share of clean cells flagged, by kind and ("all") by any kind but duplicates."""
    frame = findings.frame[~findings.frame["kind"].isin(DUPLICATE_KINDS)]
    clean = (truth["fault"] == "").to_numpy()
    # The original of a planted copy is a clean cell too, but not for the duplicates, left out here.
    shares = {kind: _mask(part, len(truth))[clean].mean() for kind, part in frame.groupby("kind")}
    shares["all"] = _mask(frame, len(truth))[clean].mean()
    return pd.Series(shares, name="flagged")


def _mask(frame: pd.DataFrame, rows: int) -> np.ndarray:
    mask = np.zeros(rows, bool)
    mask[frame["index"].to_numpy(np.int64)] = True
    return mask
