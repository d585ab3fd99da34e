"""Whether a check of appearance suits a dataset: one that flags very many images does not know such images.

How a cell should look is learned from smears of a few laboratories. Wide fields, black corners or another
magnification are no faults, though every one of them may stand out. Copies are certain whatever they show, so
the checks for them are not asked here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from bcc.quality.context import Result, ScanContext

APPEARANCE = {
    "what is no cell": ("not_a_cell",),
    "the stain": ("other_stain",),
    "focus": ("blurred",),
    "exposure": ("dark", "light"),
    "contrast": ("low_contrast",),
    "information": ("low_information",),
}
"""What is judged -> the kinds of findings that come from it."""
MOST = 0.05
"""Share of the distinct images from which on flagging them says more about the check than about them."""


def only_list_too_many(result: Result, context: ScanContext, suspects_before: np.ndarray) -> Result:
    """Withdraw the suggestions of checks that flag more than `MOST` of the distinct images.

    The findings stay, with the suggestion "list"; what is certain keeps its own. Of such images only those
    that the check was sure of go on counting as suspects in `context`, so that the checks after it do not do
    without the rest.

    Args:
        result: of one check.
        context: of the scan; copies, near copies included, count once.
        suspects_before: bool (D,), `context.suspects` before that check.
    """
    frame = result.frame
    image = context.groups[frame["index"].to_numpy(np.int64)]
    doubtful = np.ones(len(frame), bool) if result.certain is None else ~result.certain[image]
    too_many = np.zeros(len(frame), bool)
    for kinds in APPEARANCE.values():
        of_these = frame["kind"].isin(kinds).to_numpy() & doubtful
        cells = context.cells[image[of_these]]
        # One image is no "many", however small the set is.
        if len(np.unique(cells)) > max(1.0, MOST * len(np.unique(context.cells))):
            too_many |= of_these
    if not too_many.any():
        return result
    sure = (frame["suggested"] == "drop").to_numpy()
    stays = np.zeros(len(context.suspects), bool)
    stays[image[sure | ~too_many]] = True
    context.suspects &= suspects_before | stays
    suggested = np.where(too_many, "list", frame["suggested"].to_numpy())
    return replace(result, frame=frame.assign(suggested=pd.Series(suggested, frame.index, dtype=object)))


def too_many_notes(frame: pd.DataFrame, rows: int) -> tuple[str, ...]:
    """What was only listed, a sentence for each thing that is judged.

    Args:
        frame: `Findings.frame`.
        rows: of the set.
    """
    notes = []
    for what, kinds in APPEARANCE.items():
        listed = frame.loc[frame["kind"].isin(kinds) & (frame["suggested"] == "list"), "index"].nunique()
        if listed:
            notes.append(
                f"The check of {what} flags {listed:,} of {rows:,} images, more than {MOST:.0%} of the "
                "distinct ones: it may not fit this set, so it only lists them and suggests nothing."
            )
    return tuple(notes)
