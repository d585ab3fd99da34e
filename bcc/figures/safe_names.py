"""Names in figures: every letter of them is seen, none is obeyed."""

from __future__ import annotations

import unicodedata
from html import escape

import pandas as pd

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = ("\u200c", "\u200d")


def label(name: object) -> str:
    """A name of a class, file or run as plotly shows it letter by letter.

    Plotly obeys `<b>`, `<a href>` and the like, `&amp;`, and `%{x}` in what hovers: these become entities,
    which it turns back into the letters. Letters that nobody can see, such as marks that turn the reading
    direction round, are written out as on the pages (`bcc.safe_text`, which figures do not import).
    """
    return escape(written_out(name), quote=False).replace("{", "&#123;")


def written_out(name: object) -> str:
    """A name with its invisible letters written out, for the places where plotly obeys nothing."""
    return "".join(
        letter.encode("unicode_escape").decode("ascii")
        if unicodedata.category(letter) in _HIDDEN and letter not in _JOINERS
        else letter
        for letter in str(name)
    )


def labelled(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """A frame whose names in some columns are labels."""
    return frame.assign(**{column: [label(name) for name in frame[column]] for column in columns})
