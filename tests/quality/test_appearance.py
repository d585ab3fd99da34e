"""What flags very many images only lists them; copies and plain colours are certain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, Selection
from bcc.quality import Findings, accept, scan, selection_from
from bcc.quality.exact_duplicates import ExactDuplicates
from bcc.quality.image_faults import ImageFaults
from bcc.quality.near_duplicates import NearDuplicates
from bcc.quality.not_a_cell import NotACell

Make = Callable[..., Dataset]
Cells = tuple[np.ndarray, np.ndarray]
MANY = ImageFaults(blur_limit=0.4)


def darkened(images: np.ndarray, rows: np.ndarray | list[int]) -> np.ndarray:
    changed = images.copy()
    changed[rows] = (changed[rows] * 0.3).astype(np.uint8)
    return changed


def test_a_check_that_flags_many_lists_them_and_suggests_nothing(
    as_dataset: Make, painted_cells: Cells, tmp_path: Path
) -> None:
    dataset = as_dataset(*painted_cells)
    findings = scan(dataset, [MANY])
    blurred = findings.of_kind("blurred")
    assert len(blurred) > 6
    assert set(blurred["suggested"]) == {"list"}
    assert findings.notes == (
        f"The check of focus flags {len(blurred)} of 120 images, more than 5% of the distinct ones: it may "
        "not fit this set, so it only lists them and suggests nothing.",
    )
    assert not selection_from(findings, kinds=["blurred"], include_review=True).decisions
    assert not accept(Selection.of(dataset), blurred).decisions
    findings.save(tmp_path)
    assert Findings.load(tmp_path, dataset).notes == findings.notes


def test_what_to_drop_review_and_keep_adds_up(as_dataset: Make, painted_cells: Cells) -> None:
    images = darkened(painted_cells[0], [3, 4])
    images[10] = images[9]
    labels = painted_cells[1].copy()
    labels[10] = labels[9]
    facts = scan(as_dataset(images, labels), [ExactDuplicates(), MANY]).summary()
    assert facts["drop"] + facts["review"] + facts["keep"] == facts["pictures"] == 120
    assert facts["drop"] >= 1
    assert 0 < facts["listed"] <= facts["keep"]


def test_a_check_that_flags_few_goes_on_suggesting(as_dataset: Make, painted_cells: Cells) -> None:
    findings = scan(as_dataset(darkened(painted_cells[0], [3, 4]), painted_cells[1]), [ImageFaults()])
    dark = findings.of_kind("dark")
    assert {3, 4} <= set(dark["index"])
    assert "list" not in set(dark["suggested"])
    assert not findings.notes


def test_too_dark_and_too_light_are_one_check(as_dataset: Make, painted_cells: Cells) -> None:
    images = darkened(painted_cells[0], np.arange(4))
    images[4:8] = (255 - (255 - images[4:8].astype(int)) * 0.3).astype(np.uint8)
    frame = scan(as_dataset(images, painted_cells[1]), [ImageFaults()]).frame
    exposed = frame[frame["kind"].isin(["dark", "light"])]
    assert set(range(8)) <= set(exposed["index"])
    assert set(exposed["suggested"]) == {"list"}


@pytest.mark.parametrize("change", [0, 1])
def test_copies_count_once_also_near_ones(as_dataset: Make, painted_cells: Cells, change: int) -> None:
    images, labels = painted_cells
    dark = darkened(images, [0])[:1]
    many = np.stack([np.roll(dark[0], change * shift, axis=1) for shift in range(8)])
    dataset = as_dataset(np.concatenate([images[1:], many]), np.append(labels[1:], np.repeat(labels[0], 8)))
    frame = scan(dataset, [NearDuplicates(), ImageFaults()]).frame
    found = frame[frame["kind"] == "dark"]
    assert set(range(119, 127)) <= set(found["index"])
    assert "list" not in set(found["suggested"])


def test_one_image_is_not_many_however_small_the_set(as_dataset: Make, painted_cells: Cells) -> None:
    images = painted_cells[0][:12].copy()
    images[2] = 200
    frame = scan(as_dataset(images, painted_cells[1][:12]), [NotACell()]).frame
    assert frame["suggested"].tolist() == ["drop"]


def test_a_plain_colour_stays_certain_where_the_rest_is_only_listed(
    as_dataset: Make, painted_cells: Cells
) -> None:
    images = painted_cells[0].copy()
    images[7] = 90
    frame = scan(as_dataset(images, painted_cells[1]), [NotACell(limit=0.02, sure=0.03)]).frame
    assert frame.set_index("index")["suggested"].drop(7).eq("list").all()
    assert len(frame) > 7
    assert frame.set_index("index")["suggested"][7] == "drop"


def test_what_is_only_listed_does_not_keep_labels_from_being_judged(
    as_dataset: Make, painted_cells: Cells
) -> None:
    from bcc.quality.doubtful_labels import DoubtfulLabels

    numbers = scan(as_dataset(*painted_cells), [ImageFaults(contrast_limit=0.98), DoubtfulLabels()]).numbers
    assert np.isfinite(numbers["label_probability"]).mean() > 0.95
