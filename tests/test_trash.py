"""Deleting is moving to a trash; taking back and emptying touch nothing but what was put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.trash import TRASH, discard, discarded, empty, take_back


def test_a_file_and_a_folder_go_and_come_back(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text("one")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "x").write_text("two")
    for name in ("file.json", "folder"):
        one = discard(tmp_path / name)
        assert one.name == name
        assert one.bytes == 3
        assert not (tmp_path / name).exists()
    assert [one.name for one in discarded(tmp_path)] == ["folder", "file.json"]
    for one in discarded(tmp_path):
        assert take_back(one) == tmp_path / one.name
    assert (tmp_path / "folder" / "deep" / "x").read_text() == "two"
    assert discarded(tmp_path) == []
    with pytest.raises(UserError, match=r"no longer in the trash|another"):
        take_back(one)


def test_the_same_name_twice_is_kept_twice(tmp_path: Path) -> None:
    for text in ("first", "second"):
        (tmp_path / "a").write_text(text)
        discard(tmp_path / "a")
    newest, oldest = discarded(tmp_path)
    assert (newest.path.read_text(), oldest.path.read_text()) == ("second", "first")
    take_back(newest)
    with pytest.raises(UserError, match="there is another 'a'"):
        take_back(oldest)
    assert (tmp_path / "a").read_text() == "second"


@pytest.mark.parametrize("made", ["folder", "link"])
def test_nothing_is_written_over_by_what_comes_back(tmp_path: Path, made: str) -> None:
    (tmp_path / "a").mkdir()
    one = discard(tmp_path / "a")
    (tmp_path / "a").mkdir() if made == "folder" else (tmp_path / "a").symlink_to("nowhere")
    with pytest.raises(UserError, match="there is another 'a'"):
        take_back(one)
    assert one.path.exists()


def test_only_what_was_deleted_is_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (root / "a" / "link").symlink_to(outside)
    discard(root / "a")
    (root / TRASH / "20260101-000000-000000-ffff").symlink_to(outside)
    (root / TRASH / "notes").mkdir()
    (root / TRASH / "notes" / "mine").write_text("x")
    assert empty(root) == 1
    assert (outside / "precious").exists()
    assert (root / TRASH / "notes" / "mine").exists()
    assert discarded(root) == []
    assert empty(root) == 0


def test_what_a_killed_process_left_half_emptied_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    entry = discard(tmp_path / "a").path.parent
    entry.rename(entry.with_name(f"emptied-{entry.name}"))
    assert discarded(tmp_path) == []
    empty(tmp_path)
    assert not (tmp_path / TRASH).exists()


def test_a_trash_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").write_text("x")
    (root / TRASH).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="is a link"):
        discard(root / "a")
    assert (root / "a").exists()
    assert empty(root) == 0


def test_what_is_not_there_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be deleted"):
        discard(tmp_path / "nothing")
    assert list((tmp_path / TRASH).iterdir()) == []
