from __future__ import annotations

import ast
import errno
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bcc.atomic_files import clear_half_written, replacing, why_not_written, write_arrays, write_json
from bcc.errors import UserError
from bcc.paths import PROJECT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_json_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_json(path, {"a": 1, "name": "größer"})
    write_json(path, {"a": 2, "name": "größer"})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 2, "name": "größer"}
    assert names(tmp_path) == ["state.json"]


def test_arrays_are_written_without_pickles(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", rows=np.arange(3), share=np.float32(0.5))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert file["rows"].tolist() == [0, 1, 2]
        assert file["share"] == np.float32(0.5)
    with pytest.raises(ValueError, match="pickle"):
        write_arrays(tmp_path / "b.npz", things=np.array([{}], dtype=object))
    assert names(tmp_path) == ["a.npz"]


@pytest.mark.parametrize("value", [{"a": object()}, {"a": float("nan")}])
def test_values_that_json_has_no_word_for_leave_the_old_file(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "state.json"
    write_json(path, {"a": 1})
    with pytest.raises((TypeError, ValueError)):
        write_json(path, value)
    assert json.loads(path.read_text()) == {"a": 1}
    assert names(tmp_path) == ["state.json"]


def test_failing_midway_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def half(error: BaseException) -> None:
        with replacing(path) as file:
            file.write(b"half of the new")
            file.flush()
            raise error

    for error in (KeyError("x"), KeyboardInterrupt(), OSError(errno.EIO, "I/O error")):
        with pytest.raises(type(error)):
            half(error)
        assert path.read_bytes() == b"old"
        assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("place", "write"),
    [
        # The disk is found full when the last bytes leave the buffer, or amid a large array.
        ("bcc.atomic_files.os.replace", lambda path: write_json(path, {"a": 1})),
        ("bcc.atomic_files.np.savez", lambda path: write_arrays(path, rows=np.arange(3))),
    ],
    ids=["json", "arrays"],
)
def test_a_full_disk_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "old.file"
    path.write_bytes(b"old")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(place, full)
    with pytest.raises(UserError) as caught:
        write(path)
    assert str(caught.value) == (
        f"The disk is full: 'old.file' could not be written to '{tmp_path}'; what was saved before stays "
        "readable."
    )
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["old.file"]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full: the scan could not be written to 'data'; {way_on}"),
        (errno.EDQUOT, "The disk is full: the scan could not be written to 'data'; {way_on}"),
        (errno.EFBIG, "Files may not be that large here: the scan could not be written to 'data'; {way_on}"),
        (errno.EROFS, "The scan cannot be written to 'data': Read-only file system."),
    ],
)
def test_the_sentence_names_what_was_being_written(number: int, sentence: str) -> None:
    error = OSError(number, os.strerror(number))
    said = sentence.format(way_on="free some space and try again.")
    assert why_not_written(error, "the scan", Path("data")) == said


def test_the_sentence_about_storage_has_one_home() -> None:
    """Whoever says that something cannot be written or kept, and why, says it through `why_not_written`."""
    own = re.compile(r"cannot be (written|kept|made)[^\n]*strerror|[Dd]isk (is|became) full")
    homes = [
        str(path.relative_to(PROJECT))
        for folder in ("bcc", "pages")
        for path in sorted((PROJECT / folder).rglob("*.py"))
        if any(own.search(text) for text in _texts_in_code(path))
    ]
    assert homes == ["bcc/atomic_files.py"]


def _texts_in_code(path: Path) -> list[str]:
    """The lines of a module without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant("")
    return ast.unparse(tree).splitlines()


KILLED = """
import os, signal, sys
from pathlib import Path
from bcc.atomic_files import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(b"whole")
    subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=PROJECT, check=False)
    assert len(names(tmp_path)) == 2
    others = [
        ".checkpoint.npz.short", ".checkpoint.npz.muchtoolong", ".checkpoint.npz.12345678.bak",
        "checkpoint.npz.12345678", ".checkpoint.npz", ".other.npz.12345678", ".checkpointXnpz.12345678",
    ]  # fmt: skip
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / ".checkpoint.npz.afolder_").mkdir()
    (tmp_path / ".checkpoint.npz.thelink_").symlink_to(path)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / ".checkpoint.npz.12345678").touch()
    assert clear_half_written([path, tmp_path / "not there" / "x.npz"]) == 1
    kept = {*others, "checkpoint.npz", ".checkpoint.npz.afolder_", ".checkpoint.npz.thelink_", "below"}
    assert set(names(tmp_path)) == kept
    assert path.read_bytes() == b"whole"
    assert names(tmp_path / "below") == [".checkpoint.npz.12345678"]


def test_a_limit_on_the_size_of_files_is_one_sentence(tmp_path: Path) -> None:
    """A real one, as `ulimit -f` sets it."""
    path = tmp_path / "old.npz"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(UserError, match=r"^Files may not be that large here: 'old.npz' could not be"):
            write_arrays(path, rows=np.arange(9000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["old.npz"]


def test_a_reader_sees_the_old_file_while_the_new_one_grows(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_others_may_read_what_was_written(tmp_path: Path) -> None:
    """Temporary files are private to their owner; a run is to be shared."""
    write_json(tmp_path / "a.json", {})
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o644
