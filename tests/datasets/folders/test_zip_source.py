from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bcc.datasets import load
from bcc.errors import UserError


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (12, 10, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


GOOD = {"ig/1.png": png(1), "ig/2.png": png(2), "monocyte/1.png": png(3)}


def zipped(folder: Path, entries: dict[str, bytes], name: str = "cells.zip", method: int = 0) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", method) as archive:
        for entry, data in entries.items():
            archive.writestr(entry, data)
    return path


@pytest.mark.parametrize("prefix", ["", "cells/", "a/b/"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_zip_is_the_folder_inside(tmp_path: Path, prefix: str, method: int) -> None:
    path = zipped(tmp_path, {prefix + name: data for name, data in GOOD.items()}, method=method)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "out")
    data = load(path)
    assert data.class_names == ("immature granulocyte", "monocyte")
    assert data.labels.tolist() == [0, 0, 1]
    assert data.preprocessing.text == "resize:96"
    assert data.fingerprint == load(tmp_path / "out").fingerprint
    assert data.source == "cells.zip"


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    extra = {"__MACOSX/ig/._1.png": b"x", ".DS_Store": b"x", "ig/.hidden.png": b"x", "ig/read.txt": b"x"}
    data = load(zipped(tmp_path, GOOD | extra))
    assert len(data) == 3
    assert [file for file, _ in data.skipped] == ["ig/read.txt"]


def test_corrupt_images_are_listed_and_skipped(tmp_path: Path) -> None:
    path = zipped(tmp_path, GOOD | {"ig/3.png": png(4), "ig/bad.jpg": b"nothing"})
    data = bytearray(path.read_bytes())
    data[data.index(png(4)) + 60] ^= 1
    path.write_bytes(data)
    made = load(path)
    assert made.labels.tolist() == [0, 0, 1]
    assert dict(made.skipped) == {
        "ig/3.png": "damaged inside the zip",
        "ig/bad.jpg": "no jpg, png, bmp, tif or webp image",
    }


def test_folders_written_with_backslashes_are_folders(tmp_path: Path) -> None:
    path = zipped(tmp_path, {name.replace("/", "!"): data for name, data in GOOD.items()})
    path.write_bytes(path.read_bytes().replace(b"ig!", b"ig\\").replace(b"monocyte!", b"monocyte\\"))
    assert load(path).labels.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    "name", ["../evil.png", "ig/../../evil.png", "/etc/evil.png", "C:/evil.png", "..\\x.png"]
)
def test_entries_that_leave_the_archive_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"cells.zip is refused: its entry .* points outside the archive"):
        load(zipped(tmp_path, GOOD | {name: png(9)}))


def test_links_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, GOOD)
    link = zipfile.ZipInfo("ig/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UserError, match=r"its entry 'ig/link.png' is a link"):
        load(path)


def test_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, GOOD)
    data = bytearray(path.read_bytes())
    for start in (b"PK\x01\x02", b"PK\x03\x04"):
        place = data.index(start) + (8 if start[2] == 1 else 6)
        data[place] |= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"cells.zip is protected by a password"):
        load(path)


def test_absurd_compression_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.datasets.zips.HARMLESS_TOTAL", 2 * 10**6)
    path = zipped(tmp_path, GOOD | {"ig/0.bmp": bytes(3 * 10**6)}, "bomb.zip", zipfile.ZIP_DEFLATED)
    with pytest.raises(
        UserError, match=r"bomb.zip is refused: it would unpack to 0.0 GB, [0-9,]+ times its size"
    ):
        load(path)
    monkeypatch.setattr("bcc.datasets.zips.HARMLESS_TOTAL", 2**30)
    assert len(load(path)) == 3


def test_a_zip_beyond_any_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.datasets.zips.MAX_TOTAL", 500)
    with pytest.raises(UserError, match=r"cells.zip is refused: it would unpack"):
        load(zipped(tmp_path, GOOD))


def test_a_large_entry_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.datasets.folders.zip_source.MAX_IMAGE", 10_000)
    data = load(zipped(tmp_path, GOOD | {"ig/large.png": bytes(20_000)}))
    assert len(data) == 3
    assert data.skipped[0][0] == "ig/large.png"
    assert "too large" in data.skipped[0][1]


def test_an_empty_class_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"class folder 'blast' in cells.zip holds no images"):
        load(zipped(tmp_path, GOOD | {"blast/": b""}))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_zip_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    path = zipped(tmp_path, GOOD)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(UserError, match=r"cells.zip is no complete .zip file.*copy it again"):
        load(path)


def test_damage_anywhere_is_a_sentence_or_a_skipped_image(tmp_path: Path) -> None:
    whole = np.frombuffer(zipped(tmp_path, GOOD).read_bytes(), np.uint8)
    rng = np.random.default_rng(0)
    path = tmp_path / "fuzz.zip"
    ends = np.r_[np.arange(60), np.arange(len(whole) - 260, len(whole))]
    said = []
    for _ in range(120):
        data = whole.copy()
        data[rng.choice(ends, 2)] = rng.integers(0, 256, 2)
        path.write_bytes(data.tobytes())
        try:
            load(path, preprocessing="resize:8")
        except UserError as error:
            said.append(str(error))
    assert said
    assert not any("\n" in sentence for sentence in said)
