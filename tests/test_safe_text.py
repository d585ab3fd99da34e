from __future__ import annotations

import re
from html import unescape

import pytest

from bcc.safe_text import in_markdown, in_markdown_file, shown


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


@pytest.mark.parametrize(
    "text",
    [
        "**bold** _it_ `code` ~~gone~~", "# head", "1. list", "- list", "> quote",
        "[a](http://x.org) <b>b</b>", "www.example.org a@example.org https://example.org", "&lt;b&gt; &amp;",
        "$a$ :red[x] :smile:",
        "| a | b |", "a\\*b", "===", "plain name 1.5",
    ],
)  # fmt: skip
def test_markdown_shows_the_very_letters(text: str) -> None:
    for write in (in_markdown, in_markdown_file):
        assert_shown(text, write(text))


def assert_shown(text: str, written: str) -> None:
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    html = parser.render(written)
    assert re.fullmatch(r"<p>.*</p>\n", html), html
    inside = html.removeprefix("<p>").removesuffix("</p>\n")
    assert "<" not in inside
    assert unescape(inside).strip() == text.strip()


def test_words_in_a_sentence_are_left_as_they_are() -> None:
    assert in_markdown(" The disk is full. 12 of 13.") == " The disk is full. 12 of 13."
    assert in_markdown("first\nsecond") == "first\\\\nsecond"
    assert in_markdown("first\nsecond", lines=True) == "first\nsecond"
