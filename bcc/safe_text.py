"""Text from files and people made safe to display: every character visible, none interpreted.

Names of files, classes and runs may hold anything: ends of lines, marks that turn the reading direction
round, letters of no width, control codes of a terminal, bytes that are no UTF-8. On screen and on paper
such letters are written out (`\\n`, `\\u202e`); what is stored, compared and written for programs is
unchanged. Escaping for HTML or Markdown is left to whoever writes these.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of control codes, format marks, lone surrogates, ends of lines and of paragraphs."""

_JOINERS = ("\u200c", "\u200d")
"""Letters of no width that several scripts, and emoji, need to look right; they reorder nothing."""

_MARKS = r"\`*_{}[]()#+-!|<>~$:&@^="
"""Letters that mean something to Markdown, to Streamlit's additions to it, or to its links."""
_OBEYED_ANYWHERE = r"\`*_[]<>|&~$@"
_OBEYED_IN_FRONT = re.compile(r"^([#+=-])")
_NUMBERED = re.compile(r"^(\d+)\.(?!\d)|(?i:(www)\.)")
"""A number that would begin a list, and an address that would become a link."""


def shown(text: object, lines: bool = False) -> str:
    """A text with its invisible letters written out.

    Args:
        text: anything; what is no text is turned into one.
        lines: leave ends of lines and tabs, in a text of several lines such as a note.
    """
    left = ("\n", "\t") if lines else ()
    return "".join(
        letter if letter in left or letter in _JOINERS or not _is_hidden(letter) else _written_out(letter)
        for letter in str(text)
    )


def capital(text: str) -> str:
    """The text with its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def in_markdown(text: object, lines: bool = False) -> str:
    """A text as Markdown shows it, its marks not obeyed, and its invisible letters written out.

    Args:
        text: anything.
        lines: leave ends of lines, in a text of several.
    """
    seen = shown(text, lines)
    if seen.startswith("    "):
        # Four blanks in front would make it code.
        seen = seen.replace("    ", 4 * "\u00a0", 1)
    marked = "".join(f"\\{letter}" if letter in _MARKS else letter for letter in seen)
    return _NUMBERED.sub(r"\1\2\\.", marked)


def in_markdown_file(text: object) -> str:
    """The same for Markdown that people also read as it is: only what would be obeyed is marked."""
    marked = "".join(f"\\{letter}" if letter in _OBEYED_ANYWHERE else letter for letter in shown(text))
    marked = _NUMBERED.sub(r"\1\2\\.", marked.replace("://", "\\://"))
    return _OBEYED_IN_FRONT.sub(r"\\\1", marked)


def encodable(text: str) -> str:
    """A name from a disk with its bytes that are no UTF-8 written out, so that it can be kept in any file."""
    return "".join(_written_out(letter) if "\ud800" <= letter <= "\udfff" else letter for letter in text)


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in _HIDDEN


def _written_out(letter: str) -> str:
    """As Python writes it; a byte that is no UTF-8 as that byte."""
    if "\udc80" <= letter <= "\udcff":
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")
