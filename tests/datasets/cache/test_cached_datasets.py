from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bcc.datasets import (
    CLASS_PRESETS,
    Dataset,
    adopt,
    cached_sets,
    conversion,
    load,
    open_cached,
    rename_classes,
)
from bcc.datasets.cache import open_or_convert
from bcc.errors import UserError
from bcc.paths import cache_folder

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the sources that were converted, as it happens."""
    made: list[str] = []
    real = open_or_convert.convert

    def convert(source: Any, name: str, *rest: Any) -> Any:
        made.append(name)
        return real(source, name, *rest)

    monkeypatch.setattr(open_or_convert, "convert", convert)
    return made


@pytest.fixture
def npz(tiny_npz: Any, tmp_path: Path) -> Path:
    path: Path = tiny_npz(tmp_path / "cells.npz", rows=24, size=16)
    return path


def same(a: Dataset, b: Dataset) -> bool:
    return (
        (a.images == b.images).all()
        and (a.labels == b.labels).all()
        and (a.row_hashes == b.row_hashes).all()
        and a.fingerprint == b.fingerprint
    )


def left_over() -> list[str]:
    """Whatever in the cache is no finished set."""
    names = [place.name for place in cache_folder().iterdir() if place.name != "index"]
    return [name for name in names if name not in {one.fingerprint for one in cached_sets()}]


def test_a_set_is_converted_once(npz: Path, conversions: list[str]) -> None:
    first, second = load(npz), load(str(npz))
    assert conversions == ["cells.npz"]
    assert same(first, second)
    assert sorted(file.name for file in first.folder.iterdir()) == [
        "images.npy",
        "labels.npy",
        "meta.json",
        "row_hashes.npy",
    ]
    assert first.folder == cache_folder() / first.fingerprint
    assert left_over() == []


def test_the_arrays_are_plain_npy(npz: Path) -> None:
    data = load(npz)
    assert (np.load(data.folder / "images.npy") == data.images).all()
    assert np.load(data.folder / "images.npy").flags.c_contiguous


def test_a_changed_file_is_converted_again(npz: Path, conversions: list[str]) -> None:
    load(npz)
    os.utime(npz, ns=(1, 1))
    load(npz)
    assert len(conversions) == 2
    assert len(cached_sets()) == 1


def test_another_preprocessing_is_another_set(npz: Path, conversions: list[str]) -> None:
    assert load(npz).fingerprint != load(npz, preprocessing="resize:8").fingerprint
    load(npz)
    load(npz, preprocessing="resize:8")
    assert len(conversions) == 2
    assert {one.preprocessing for one in cached_sets()} == {"none", "resize:8"}


def test_two_files_of_one_content_share_the_arrays_not_their_story(npz: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.npz"
    copy.write_bytes(npz.read_bytes())
    first, second = load(npz), load(copy)
    assert first.folder == second.folder
    assert (load(npz).source, load(copy).source) == ("cells.npz", "copy.npz")
    assert load(npz).location == str(npz)
    assert left_over() == []


def test_names_in_the_file_are_its_own(tiny_npz: Any, tmp_path: Path) -> None:
    plain = tiny_npz(tmp_path / "plain.npz", rows=8, size=8, classes=2)
    named = tiny_npz(tmp_path / "named.npz", rows=8, size=8, classes=2, class_names=np.array(["x", "y"]))
    assert load(plain).class_names == ("class 0", "class 1")
    assert load(named).class_names == ("x", "y")
    assert load(plain).class_names == ("class 0", "class 1")
    assert load(named).fingerprint == load(plain).fingerprint


def test_new_names_are_kept(npz: Path, conversions: list[str]) -> None:
    data = load(npz)
    renamed = rename_classes(data, "pbc")
    assert renamed.class_names == CLASS_PRESETS["pbc"]
    assert data.class_names[0] == "class 0"
    assert load(npz).class_names == CLASS_PRESETS["pbc"]
    assert open_cached(data.fingerprint).class_names == CLASS_PRESETS["pbc"]
    assert cached_sets()[0].class_names == CLASS_PRESETS["pbc"]
    os.utime(npz, ns=(1, 1))
    assert load(npz).class_names == CLASS_PRESETS["pbc"]
    assert len(conversions) == 2
    # The way back.
    assert rename_classes(renamed, "own").class_names == data.class_names
    assert load(npz).class_names == data.class_names


def test_names_given_to_one_call_are_for_that_call(npz: Path) -> None:
    data = load(npz, classes="a,b,c,d,e,f,g,h")
    assert data.class_names == tuple("abcdefgh")
    assert data.given_names == load(npz).class_names == tuple(f"class {i}" for i in range(8))
    rename_classes(data, "pbc")
    assert load(data.fingerprint, classes="a,b,c,d,e,f,g,h").class_names == tuple("abcdefgh")
    assert load(data.fingerprint, classes="own").class_names == data.given_names
    assert load(npz).class_names == CLASS_PRESETS["pbc"]


def test_looking_at_a_file_changes_nothing_about_a_set(tiny_npz: Any, npz: Path, tmp_path: Path) -> None:
    """A copy with names of its own: its pixels are there already, and so is the story of the set."""
    data = rename_classes(load(npz), "pbc")
    before = (data.folder / "meta.json").read_text()
    names = np.array(list("abcdefgh"))
    copy = tiny_npz(tmp_path / "copy.npz", rows=24, size=16, class_names=names)
    assert load(copy, classes="i,j,k,l,m,n,o,p").fingerprint == data.fingerprint
    assert (data.folder / "meta.json").read_text() == before
    assert load(copy).class_names == tuple("abcdefgh")
    # Opened on the page, the copy is what the set is known by.
    adopt(load(copy))
    assert open_cached(data.fingerprint).source == "copy.npz"
    assert open_cached(data.fingerprint).class_names == tuple("abcdefgh")


def test_names_of_files_outlive_another_source_of_the_same_pixels(tiny_npz: Any, tmp_path: Path) -> None:
    files = tuple(f"{row}.png" for row in range(24))
    named = tiny_npz(tmp_path / "named.npz", rows=24, size=16, files=np.array(files))
    plain = tiny_npz(tmp_path / "plain.npz", rows=24, size=16)
    fingerprint = load(named).fingerprint
    # A set that has no names is the story now, and the names are still those of the rows.
    assert load(plain).files is None
    adopt(load(plain))
    assert open_cached(fingerprint).source == "plain.npz"
    assert open_cached(fingerprint).files == files
    adopt(load(named))
    assert open_cached(fingerprint).files == files
    others = tuple(f"other {row}.png" for row in range(24))
    adopt(load(tiny_npz(tmp_path / "others.npz", rows=24, size=16, files=np.array(others))))
    assert open_cached(fingerprint).files == others
    assert load(named).files == files


def test_names_of_files_that_were_lost_come_back_with_their_source(tiny_npz: Any, tmp_path: Path) -> None:
    """The arrays are damaged and made anew of a source without names, whose folder has none either."""
    files = tuple(f"{row}.png" for row in range(24))
    named = tiny_npz(tmp_path / "named.npz", rows=24, size=16, files=np.array(files))
    plain = tiny_npz(tmp_path / "plain.npz", rows=24, size=16)
    data = load(named)
    (data.folder / "labels.npy").write_bytes(b"damaged")
    assert load(plain).files is None
    assert load(named).files == files
    adopt(load(named))
    assert open_cached(data.fingerprint).files == files
    # Adopting a set whose names are gone by now takes no others' away.
    lost = load(named)
    (data.folder / "files-other.json").write_text(json.dumps(files))
    meta = json.loads((data.folder / "meta.json").read_text())
    (data.folder / "meta.json").write_text(json.dumps({**meta, "files": "files-other.json"}))
    lost.names_file.unlink()  # type: ignore[union-attr]
    adopt(lost)
    assert open_cached(data.fingerprint).files == files


def test_a_set_kept_by_an_earlier_version_opens(npz: Path) -> None:
    """Without notes, layout and the like, and with names that a command had put on."""
    data = load(npz)
    for file in (data.folder / "meta.json", *(cache_folder() / "index").glob("*.json")):
        about = json.loads(file.read_text())
        for key in ("notes", "layout"):
            about.pop(key)
        if "class_names" in about:
            about["class_names"] = list("abcdefgh")
        file.write_text(json.dumps(about))
    assert same(load(npz), data)
    assert load(npz).class_names == tuple("abcdefgh")
    assert load(npz, classes="own").class_names == data.class_names
    assert (open_cached(data.fingerprint).notes, open_cached(data.fingerprint).layout) == ((), "")


def test_names_that_do_not_fit_leave_everything_as_it_was(npz: Path, conversions: list[str]) -> None:
    with pytest.raises(UserError, match=r"2 names.*8 classes"):
        load(npz, classes="a,b")
    # Refused before the work.
    assert conversions == []
    data = load(npz)
    with pytest.raises(UserError, match=r"2 names.*8 classes"):
        rename_classes(data, ["a", "b"])
    assert open_cached(data.fingerprint).class_names == data.class_names


def test_the_list_is_newest_first_and_passes_over_broken_ones(tiny_npz: Any, tmp_path: Path) -> None:
    made = [load(tiny_npz(tmp_path / f"{seed}.npz", rows=8, size=8 + seed, seed=seed)) for seed in range(4)]
    for when, data in enumerate(made):
        meta = json.loads((data.folder / "meta.json").read_text())
        (data.folder / "meta.json").write_text(json.dumps({**meta, "when": when}))
    (made[1].folder / "meta.json").write_text("{half")
    (made[2].folder / "meta.json").write_text("{}")
    (cache_folder() / "not a set").mkdir()
    (cache_folder() / "0123456789abcdef").mkdir()
    listed = cached_sets()
    assert [one.source for one in listed] == ["3.npz", "0.npz"]
    assert listed[0].fingerprint == made[3].fingerprint
    assert listed[0].location == str(tmp_path / "3.npz")
    assert (listed[0].rows, listed[0].classes, listed[0].image_shape) == (8, 8, (11, 11))


def test_no_cache_is_an_empty_list() -> None:
    assert cached_sets() == []


def test_a_set_is_opened_by_its_fingerprint(npz: Path) -> None:
    data = load(npz)
    again = open_cached(data.fingerprint)
    assert same(data, again)
    assert (again.source, again.location) == (data.source, data.location)
    for name in ("0" * 16, "../../etc", "", "xyz"):
        with pytest.raises(UserError, match=r"No complete dataset.*load it again"):
            open_cached(name)


@pytest.mark.parametrize("file", ["images.npy", "labels.npy", "row_hashes.npy", "meta.json", "split.npy"])
def test_a_damaged_cache_is_made_again(
    tiny_npz: Any, tmp_path: Path, conversions: list[str], file: str
) -> None:
    path = tiny_npz(tmp_path / "x.npz", rows=24, size=16, split=np.arange(24) % 3)
    before = load(path)
    damaged = before.folder / file
    damaged.write_bytes(damaged.read_bytes()[:100])
    with pytest.raises(UserError, match="No complete dataset"):
        open_cached(before.fingerprint)
    after = load(path)
    assert len(conversions) == 2
    assert same(load(path), after)
    assert after.split is not None
    assert after.split.tolist() == (np.arange(24) % 3).tolist()
    assert left_over() == []


def test_a_full_disk_leaves_nothing_behind(npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = conversion._ImagesFile.append

    def full(self: Any, images: np.ndarray) -> None:
        real(self, images[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(conversion._ImagesFile, "append", full)
        with pytest.raises(
            UserError, match=r"The disk is full: the converted images of cells.npz could not be .*BCC_DATA"
        ):
            load(npz)
    assert left_over() == []
    assert len(load(npz)) == 24


NO_ROOM = """
import resource, sys
from bcc.datasets import load
from bcc.errors import UserError
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
try:
    load(sys.argv[1])
except UserError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="this system limits no files")
def test_a_file_that_may_grow_no_further_leaves_nothing_behind(npz: Path) -> None:
    """The limit is the kernel's own, so that every write of the conversion may be the one that fails."""
    said = subprocess.run(
        [sys.executable, "-c", NO_ROOM, str(npz)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("Files may not be that large here: the converted images of cells.npz")
    assert left_over() == []
    assert len(load(npz)) == 24


def test_a_disk_that_is_too_small_is_known_beforehand(npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = conversion.shutil.disk_usage

    class Usage:
        free = 2**24 + 1000

    monkeypatch.setattr(conversion.shutil, "disk_usage", lambda place: Usage())
    with pytest.raises(
        UserError, match=r"Converting cells.npz needs .* GB, but only .* GB are free.*BCC_DATA"
    ):
        load(npz)
    monkeypatch.setattr(conversion.shutil, "disk_usage", real)
    assert left_over() == []


def test_a_data_folder_that_is_a_file_is_a_sentence(
    npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("BCC_DATA", str(tmp_path / "file"))
    with pytest.raises(UserError, match=r"images of cells.npz cannot be written to '.*': Not a directory"):
        load(npz)


def test_bad_input_leaves_nothing_behind(tiny_npz: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        load(tiny_npz(tmp_path / "bad.npz", labels=None))
    assert left_over() == []


def test_progress_goes_up_to_one(npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.datasets.npz.npz_source.PIECE_BYTES", 1)
    clock: Iterator[float] = iter(np.arange(10_000) * 0.06)
    monkeypatch.setattr(conversion.time, "monotonic", lambda: next(clock))
    told: list[tuple[float, str]] = []
    load(npz, progress=lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert "of 24 images" in told[2][1]
    # 24 rows, a call every 0.06 s: at most ten a second are passed on.
    assert 10 <= len(told) <= 16


KILLED = """
import os, signal, sys
from bcc.datasets import load
from bcc.datasets.npz import npz_source
npz_source.PIECE_BYTES = 1
real = npz_source.Piece
def piece(*args):
    piece.count += 1
    if piece.count == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args)
piece.count = 0
npz_source.Piece = piece
load(sys.argv[1])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill a process at once")
def test_a_killed_conversion_leaves_no_half_set(npz: Path, tiny_npz: Any, tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(npz)], cwd=PROJECT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert cached_sets() == []
    assert len(left_over()) == 1
    # The next conversion, of whatever set, clears away what is left.
    load(tiny_npz(tmp_path / "other.npz", rows=8))
    assert left_over() == []
    assert len(load(npz)) == 24


def test_scratch_of_a_conversion_at_work_is_not_cleared(
    npz: Path, tiny_npz: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tiny_npz(tmp_path / "other.npz", rows=8)
    real = open_or_convert.convert

    def convert(source: Any, name: str, *rest: Any) -> Any:
        if name == "cells.npz":
            load(other)
        return real(source, name, *rest)

    monkeypatch.setattr(open_or_convert, "convert", convert)
    assert len(load(npz)) == 24
    assert len(cached_sets()) == 2


def test_threads_that_want_the_same_set_wait_for_one_conversion(
    npz: Path, monkeypatch: pytest.MonkeyPatch, conversions: list[str]
) -> None:
    waiting = threading.Event()
    counted = open_or_convert.convert

    def convert(*args: Any) -> Any:
        assert waiting.wait(30)
        return counted(*args)

    monkeypatch.setattr(open_or_convert, "convert", convert)
    made: list[Dataset] = []

    def work() -> None:
        made.append(load(npz, progress=lambda share, text: waiting.set() if "Waiting" in text else None))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 3
    assert conversions == ["cells.npz"]
    assert all(same(made[0], other) for other in made)


def test_who_waits_is_told_for_what_and_how_far_it_is(npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working, told = threading.Event(), threading.Event()
    said: list[str] = []
    real = open_or_convert.convert

    def slow(source: Any, name: str, folder: Path, progress: Any) -> Any:
        # Two threads share the lock's file as two processes do.
        time.sleep(0.2)
        progress(0.4, "Converting")
        working.set()
        assert told.wait(60)
        return real(source, name, folder, progress)

    def hear(share: float, text: str) -> None:
        said.append(text)
        if "40% done" in text:
            told.set()

    monkeypatch.setattr(open_or_convert, "convert", slow)
    first = threading.Thread(target=load, args=(npz,))
    first.start()
    assert working.wait(60)
    load(npz, progress=hear)
    first.join()
    assert "Waiting for cells.npz, which another process is converting, 40% done" in said
    assert not list((cache_folder() / "index").glob("*.share"))


def test_processes_that_want_the_same_set_get_it(npz: Path) -> None:
    code = "import sys; from bcc.datasets import load; print(load(sys.argv[1]).fingerprint)"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(npz)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=60)[0].strip() for process in both]
    assert answers == [load(npz).fingerprint] * 2
    assert len(cached_sets()) == 1
    assert left_over() == []


def test_the_faster_of_two_sources_with_one_content_wins(
    npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.npz"
    copy.write_bytes(npz.read_bytes())
    real = os.rename

    def late(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "rename", real)
        load(copy)
        real(source, target)

    monkeypatch.setattr(os, "rename", late)
    assert load(npz).source == "cells.npz"
    assert len(cached_sets()) == 1
    assert left_over() == []


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, bcc.datasets; "
        "heavy = {'tensorflow', 'sklearn', 'pandas', 'scipy', 'cv2', 'PIL', 'requests', 'streamlit'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_time_of_conversion_is_kept(npz: Path) -> None:
    before = time.time()
    load(npz)
    assert before - 1 <= cached_sets()[0].when <= time.time() + 1
