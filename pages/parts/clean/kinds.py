"""Titles of the kinds of findings on screen, and what each means."""

from __future__ import annotations

ABOUT = {
    "exact_duplicate": (
        "Exact duplicates",
        "Identical pixels. One of each is kept; an image that is repeated very often, in a dataset "
        "where hardly any other is, does not belong to it and is dropped entirely.",
    ),
    "conflicting_duplicate": (
        "Conflicting labels",
        "Identical pixels with different labels. At most one of the labels can be right.",
    ),
    "near_duplicate": (
        "Near duplicates",
        "The same cell again: recompressed, shifted, brighter, rotated, mirrored or slightly cropped.",
    ),
    "not_a_cell": ("Not a cell", "Drawings, text, noise, plain colours, mixtures of several images."),
    "other_stain": (
        "Other stain",
        "Coloured differently from most of the dataset: another stain or microscope.",
    ),
    "blurred": ("Blurred", "Out of focus or motion-blurred, compared with its class."),
    "dark": ("Too dark", "Darker than its class."),
    "light": ("Too light", "Lighter than its class."),
    "low_contrast": ("Low contrast", "Less contrast than its class."),
    "low_information": ("Low information", "Less information than is usual for its class."),
    "doubtful_label": (
        "Doubtful labels",
        "A model trained on the other images contradicts the label. Check these yourself: the model may "
        "be wrong.",
    ),
}
"""Kind -> title, explanation."""


def title(kind: str) -> str:
    """Return the title of a kind."""
    return ABOUT.get(kind, (kind.replace("_", " ").capitalize(), ""))[0]
