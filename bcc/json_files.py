"""Read untrusted JSON: whatever it contains, the result is values or one `ValueError`.

Deep nesting, numbers that are none (NaN, Infinity) and halves of letters (lone surrogates) are refused, as
are pipes and devices: one that somebody put in place of a file would be waited for for ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic_core import from_json

LARGEST = 256 * 2**20
"""Bytes of a JSON file; the largest that the program writes have some megabytes."""
_MARK = b"\xef\xbb\xbf"
"""Some editors begin a UTF-8 file with it."""


def parse_json(content: bytes | str) -> Any:
    """Parse a JSON text.

    Raises:
        ValueError: it is none; says where and why.
    """
    raw = content.encode() if isinstance(content, str) else content
    return from_json(raw.removeprefix(_MARK), allow_inf_nan=False)


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Read a regular file.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
        ValueError: it is a folder, a pipe or a device, or too large.
    """
    found = path.stat()
    if not path.is_file():
        raise ValueError("it is no regular file")
    if found.st_size > largest:
        raise ValueError(f"{found.st_size / 1e6:,.0f} MB are too many for such a file")
    return path.read_bytes()


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
        ValueError: it is no JSON file.
    """
    return parse_json(read_bytes(path))
