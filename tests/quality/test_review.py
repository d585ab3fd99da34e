"""Findings as a person sees them: copies as one, groups together, the worst first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bcc.datasets import Dataset, Selection
from bcc.errors import UserError
from bcc.quality import Findings, accept, review, save_scan, saved_scan
from bcc.quality.findings import findings_frame
from bcc.quality.review import kind_table
from bcc.quality.saved_scans import scan_folder

Make = Callable[..., Dataset]


@pytest.fixture
def cells(as_dataset: Make, painted_cells: tuple[np.ndarray, np.ndarray]) -> Dataset:
    """20 cells; rows 4 and 9 show what row 2 shows, row 9 under another label."""
    images, labels = (values[:20].copy() for values in painted_cells)
    images[[4, 9]] = images[2]
    labels[4], labels[9] = labels[2], (labels[2] + 1) % 8
    return as_dataset(images, labels)


def findings(dataset: Dataset, *parts) -> Findings:
    import pandas as pd

    empty = pd.DataFrame(index=range(len(dataset)))
    frame = pd.concat(parts, ignore_index=True)
    return Findings(dataset.fingerprint, len(dataset), frame, empty, empty)


def duplicates(dataset: Dataset):
    return findings_frame(
        np.array([2, 4, 9]), "exact_duplicate", np.array([1.0, 0, 0]),
        np.array(["keep", "drop", "drop"], object), ["first", "again", "again"], 0,
    )  # fmt: skip


def faults(dataset: Dataset):
    return findings_frame(
        np.array([7, 2, 4]), "blurred", np.array([0.4, 0.1, 0.1]),
        np.array(["review", "drop", "drop"], object), ["a little", "very", "very"],
    )  # fmt: skip


def test_groups_stand_together_the_kept_one_first(cells: Dataset) -> None:
    (item,) = review(duplicates(cells), cells)
    assert item.group == 0
    assert [unit.rows.tolist() for unit in item.units] == [[2], [4], [9]]
    assert [unit.suggested for unit in item.units] == ["keep", "drop", "drop"]
    assert item.units[2].label != item.units[1].label, "other labels are other units"
    assert item.rows.tolist() == [2, 4, 9]


def test_copies_are_one_and_the_worst_comes_first(cells: Dataset) -> None:
    first, second = review(faults(cells), cells)
    assert [unit.rows.tolist() for unit in first.units] == [[2, 4]]
    assert (first.units[0].detail, first.units[0].score) == ("very", 0.1)
    assert second.rows.tolist() == [7]
    assert first.group == second.group == -1
    assert review(faults(cells).iloc[:0], cells) == []


def test_accepting_follows_the_suggestions(cells: Dataset) -> None:
    before = Selection.of(cells).keep([4], "mine").leave_out([15], "other")
    after = accept(before, duplicates(cells))
    assert after.left_out.tolist() == [4, 9, 15]
    assert not after.decisions[2].left_out
    assert after.decisions[9].reason == "exact duplicate"
    assert before.left_out.tolist() == [15]
    # What one finding drops another one's "keep" does not bring back.
    both = accept(Selection.of(cells), findings(cells, duplicates(cells), faults(cells)).frame)
    assert both.left_out.tolist() == [2, 4, 9]
    assert 7 not in both.decisions


def test_the_table_counts_what_is_open(cells: Dataset) -> None:
    found = findings(cells, duplicates(cells), faults(cells))
    table = kind_table(found, Selection.of(cells).keep([7], "fine")).set_index("kind")
    assert table.loc["exact_duplicate", ["rows", "drop", "review", "undecided"]].tolist() == [2, 2, 0, 2]
    assert table.loc["blurred", ["rows", "drop", "review", "undecided"]].tolist() == [3, 2, 1, 2]
    assert table.loc["blurred", "share"] == pytest.approx(3 / 20)
    assert table.loc["dark", "rows"] == 0


def test_a_scan_is_kept_and_read_again(cells: Dataset) -> None:
    assert saved_scan(cells) is None
    import pandas as pd

    numbers = pd.DataFrame({"sharpness": np.arange(20.0)})
    found = Findings(cells.fingerprint, 20, duplicates(cells), numbers, numbers)
    save_scan(found, cells, "a linear model")
    again = saved_scan(cells)
    assert again is not None
    assert again.labels_by == "a linear model"
    pd.testing.assert_frame_equal(again.findings.frame, found.frame, check_dtype=False)


def test_a_damaged_scan_or_one_of_another_set_is_a_sentence(cells: Dataset, as_dataset: Make) -> None:
    import pandas as pd

    numbers = pd.DataFrame({"sharpness": np.arange(20.0)})
    save_scan(Findings(cells.fingerprint, 20, duplicates(cells), numbers, numbers), cells, "x")
    other = as_dataset(cells.images[:19], cells.labels[:19], "other")
    scan_folder(cells).rename(scan_folder(other))
    with pytest.raises(UserError, match=r"^'findings.csv' belongs to the dataset"):
        saved_scan(other)
    (scan_folder(other) / "findings.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="scan"):
        saved_scan(other)
