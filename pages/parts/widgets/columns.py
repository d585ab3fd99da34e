"""Formats of number columns, the same in every table."""

from __future__ import annotations

from typing import TypedDict


class NumberLook(TypedDict, total=False):
    """Arguments of `st.column_config.NumberColumn` besides label and help."""

    format: str
    width: int
    min_value: float
    max_value: float


def share(width: int | None = None, *, bounded: bool = False) -> NumberLook:
    """Format a share between 0 and 1 as a percentage.

    Args:
        width: of the column, in px; as wide as its content when missing.
        bounded: whether values must lie in 0..1.
    """
    look: NumberLook = {"format": "percent"}
    if width is not None:
        look["width"] = width
    if bounded:
        look["min_value"], look["max_value"] = 0, 1
    return look


def number(format: str, width: int | None = None) -> NumberLook:
    """Format a number with a format of Streamlit, such as "%.4f".

    Args:
        format: of the number.
        width: of the column, in px; as wide as its content when missing.
    """
    return {"format": format} if width is None else {"format": format, "width": width}


def count(width: int | None = None) -> NumberLook:
    """Format a count with separators of thousands; `width` as for `number`."""
    return number("localized", width)
