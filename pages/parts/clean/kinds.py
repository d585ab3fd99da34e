"""How the kinds of findings are called on screen, and what each means."""

from __future__ import annotations

ABOUT = {
    "exact_duplicate": (
        "Exact duplicates",
        "The same pixels again. One of each is kept; what occurs very often in a set where hardly anything "
        "else does is no image of the set and goes altogether.",
    ),
    "conflicting_duplicate": (
        "Conflicting labels",
        "The same pixels under different labels. At most one of the labels can be right.",
    ),
    "near_duplicate": (
        "Near duplicates",
        "The same cell again: recompressed, shifted, brighter, turned, mirrored or cropped a little.",
    ),
    "not_a_cell": ("Not a cell", "Drawings, text, noise, plain colours, mixtures of several images."),
    "other_stain": ("Other stain", "Coloured otherwise than most of the set: another stain or microscope."),
    "blurred": ("Blurred", "Out of focus or moved, compared with its class."),
    "dark": ("Too dark", "Darker than its class."),
    "light": ("Too light", "Lighter than its class."),
    "low_contrast": ("Low contrast", "Flatter than its class."),
    "low_information": ("Low information", "Less on it than is usual in its class."),
    "doubtful_label": (
        "Doubtful labels",
        "A model that learned from the other images contradicts the label. Look at these yourself: the "
        "model may be the one that is wrong.",
    ),
}
"""Kind -> title, explanation."""


def title(kind: str) -> str:
    """How a kind is called."""
    return ABOUT.get(kind, (kind.replace("_", " ").capitalize(), ""))[0]
