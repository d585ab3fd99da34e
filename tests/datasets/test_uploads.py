from __future__ import annotations

import io
from pathlib import Path

import pytest

from bcc.datasets.uploads import keep_upload, safe_name
from bcc.errors import UserError
from bcc.paths import data_folder


def test_a_file_is_kept_byte_for_byte() -> None:
    content = bytes(range(256)) * 9000
    place = keep_upload(io.BytesIO(content), "cells.npz")
    assert place.read_bytes() == content
    assert place.name == "cells.npz"
    assert data_folder() in place.parents
    assert not list((data_folder() / "uploads").glob(".*")), "nothing half-written stays"


def test_the_same_content_is_kept_once_and_stays_untouched() -> None:
    first = keep_upload(io.BytesIO(b"abc"), "cells.npz")
    before = first.stat().st_mtime_ns
    again = keep_upload(io.BytesIO(b"abc"), "cells.npz")
    assert again == first
    assert again.stat().st_mtime_ns == before


def test_other_content_of_the_same_name_does_not_overwrite() -> None:
    first = keep_upload(io.BytesIO(b"abc"), "cells.npz")
    other = keep_upload(io.BytesIO(b"xyz"), "cells.npz")
    assert first.read_bytes() == b"abc"
    assert other.read_bytes() == b"xyz"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/cells.npz", "cells.npz"),
        (r"C:\Users\me\cells.zip", "cells.zip"),
        ("my cells (2).npz", "my cells (2).npz"),
        ("zäh\x00\n.npz", "z_h_.npz"),
        ("...hidden.npz", "hidden.npz"),
    ],
)
def test_names_stay_inside_the_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert Path(safe).name == safe


@pytest.mark.parametrize("name", ["cells.csv", "npz", ".npz", "", "cells.npz.exe"])
def test_other_files_are_refused(name: str) -> None:
    with pytest.raises(UserError, match=r"choose a \.npz or a \.zip"):
        keep_upload(io.BytesIO(b"abc"), name)
    assert not (data_folder() / "uploads").exists()
