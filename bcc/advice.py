"""Commands inside sentences: `bcc runs` for who has the command `bcc`, else `python -m bcc runs`."""

from __future__ import annotations

import sys
from pathlib import Path

from bcc.paths import is_installed


def command(words: str) -> str:
    """What a person types for these words of the command line."""
    named = is_installed() or Path(sys.argv[0]).stem == "bcc"
    return f"{'bcc' if named else 'python -m bcc'} {words}"
