from __future__ import annotations

import pytest

from bcc.shown import shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain é 漢 عرب 👩‍🔬", "plain é 漢 عرب 👩‍🔬"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("cell\u202egnp.exe", "cell\\u202egnp.exe"),
        ("\u2066x\u2069\u200f\u061c", "\\u2066x\\u2069\\u200f\\u061c"),
        ("a\u200bb\ufeff\u00ad", "a\\u200bb\\ufeff\\xad"),
        ("\x1b[2Jgone\x00\x7f\x9b", "\\x1b[2Jgone\\x00\\x7f\\x9b"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("no\udcff utf \ud800", "no\\xff utf \\ud800"),
        ("<b>&amp;", "<b>&amp;"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_every_letter_can_be_seen(text: str, expected: str) -> None:
    assert shown(text) == expected
    shown(text).encode()


def test_a_note_keeps_its_lines() -> None:
    assert shown("first\n\tsecond\u202e", lines=True) == "first\n\tsecond\\u202e"


def test_what_is_no_text() -> None:
    assert shown(3.5) == "3.5"
