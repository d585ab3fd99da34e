"""Scans on disk: replaced whole or not at all, and the near copies that runs name."""

from __future__ import annotations

import errno
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.quality import Findings, last_near_copies, near_copies_of, save_scan, saved_scan
from bcc.quality.findings import findings_frame
from bcc.quality.saved_scans import scan_folder

Make = Callable[..., Dataset]


@pytest.fixture
def cells(as_dataset: Make, painted_cells: tuple[np.ndarray, np.ndarray]) -> Dataset:
    """20 cells; row 15 has the pixels of row 4."""
    images, labels = (values[:20].copy() for values in painted_cells)
    images[15], labels[15] = images[4], labels[4]
    return as_dataset(images, labels)


def findings(dataset: Dataset, *groups: list[int]) -> Findings:
    rows = np.array([row for group in groups for row in group], np.int64)
    first = np.array([group[0] for group in groups for _ in group], np.int64)
    suggested = np.where(rows == first, "keep", "drop")
    frame = findings_frame(
        rows, "near_duplicate", np.zeros(len(rows)), suggested, ["alike"] * len(rows), first
    )
    table = pd.DataFrame({"near_duplicate": np.zeros(len(dataset))})
    return Findings(dataset.fingerprint, len(dataset), frame, table, table)


def test_near_copies_take_their_exact_copies_along(cells: Dataset) -> None:
    save_scan(findings(cells, [2, 4, 9], [11, 12]), cells, "nobody")
    found = near_copies_of(cells)
    assert found is not None
    assert found.rows.tolist() == [2, 4, 9, 11, 12, 15]
    assert found.group.tolist() == [2, 2, 2, 11, 11, 2]
    assert found.groups == 2
    numbers = found.numbers(20)
    assert numbers[[2, 4, 9, 15]].tolist() == [2, 2, 2, 2]
    assert len(np.unique(numbers)) == 20 - 3 - 1


def test_an_earlier_scan_is_found_by_its_mark(cells: Dataset) -> None:
    save_scan(findings(cells, [2, 4]), cells, "nobody")
    first = near_copies_of(cells)
    save_scan(findings(cells, [5, 6, 7]), cells, "nobody")
    assert first is not None
    again = near_copies_of(cells, first.scan)
    assert again is not None
    assert again.rows.tolist() == [2, 4, 15]
    last = last_near_copies(cells.fingerprint, 20)
    assert last is not None
    assert last.rows.tolist() == [5, 6, 7]
    assert last.scan != first.scan
    assert near_copies_of(cells, "none") is None


@pytest.mark.parametrize("mark", ["0123456789ab", "../../x", "", "LAST"])
def test_a_scan_that_is_not_there_is_a_sentence(cells: Dataset, mark: str) -> None:
    with pytest.raises(UserError, match="There is no scan"):
        near_copies_of(cells, mark)


def test_a_set_that_was_never_scanned_has_none(cells: Dataset) -> None:
    assert near_copies_of(cells) is None
    assert last_near_copies(cells.fingerprint, 20) is None


def test_a_scan_kept_before_marks_were_written_still_counts(cells: Dataset) -> None:
    from bcc.datasets.cache.cached_datasets import write_json

    save_scan(findings(cells, [2, 4]), cells, "nobody")
    folder = scan_folder(cells)
    write_json(folder / "about.json", {"when": "2026-01-01T00:00:00+00:00", "labels_by": "x"})
    for file in (folder / "near_copies").iterdir():
        file.unlink()
    found = near_copies_of(cells)
    assert found is not None
    assert found.rows.tolist() == [2, 4, 15]
    again = near_copies_of(cells, found.scan)
    assert again is not None


def test_damaged_near_copies_are_a_sentence(cells: Dataset) -> None:
    save_scan(findings(cells, [2, 4]), cells, "nobody")
    (file,) = (scan_folder(cells) / "near_copies").iterdir()
    file.write_bytes(b"PK\x03\x04 half of it")
    with pytest.raises(UserError, match="scan the dataset again"):
        near_copies_of(cells)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EROFS])
@pytest.mark.parametrize("file", ["findings.csv", "numbers.csv", "about.json"])
def test_a_scan_that_finds_no_room_leaves_the_one_before(
    cells: Dataset, number: int, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bcc.quality import saved_scans

    save_scan(findings(cells, [2, 4]), cells, "the first")
    save, write = Findings.save, saved_scans.write_json

    def full(self: Findings, folder: str) -> None:
        save(self, folder)
        if file != "about.json":
            raise OSError(number, "no room")

    def no_about(path: object, content: dict) -> None:
        if file == "about.json":
            raise OSError(number, "no room")
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Findings, "save", full)
        patch.setattr(saved_scans, "write_json", no_about)
        with pytest.raises(UserError, match=r"he scan of .* (could not|cannot) be written to '"):
            save_scan(findings(cells, [5, 6]), cells, "the second")
    done = saved_scan(cells)
    assert done is not None
    assert done.labels_by == "the first"
    assert done.findings.frame["index"].tolist() == [2, 4]
    assert not list(scan_folder(cells).glob(".new-*"))
