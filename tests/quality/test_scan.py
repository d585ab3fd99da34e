"""The scan as a whole, on small and on strange sets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.quality import KINDS, default_checks, scan, selection_from
from bcc.quality.doubtful_labels import DoubtfulLabels
from bcc.quality.exact_duplicates import ExactDuplicates
from bcc.quality.findings import COLUMNS

Make = Callable[..., Dataset]
Cells = tuple[np.ndarray, np.ndarray]


def rows_of(frame: pd.DataFrame, kind: str, suggested: str | None = None) -> list[int]:
    chosen = frame[frame["kind"] == kind]
    if suggested is not None:
        chosen = chosen[chosen["suggested"] == suggested]
    return sorted(int(row) for row in chosen["index"])


def test_one_image_is_no_trouble(as_dataset: Make, painted_cells: Cells) -> None:
    findings = scan(as_dataset(painted_cells[0][:1], [0]))
    assert findings.frame.empty
    assert tuple(findings.frame.columns) == COLUMNS
    assert len(findings.scores) == 1


@pytest.mark.parametrize("labels", [[0, 0], [0, 1]])
def test_two_different_images_are_no_trouble(
    as_dataset: Make, painted_cells: Cells, labels: list[int]
) -> None:
    assert scan(as_dataset(painted_cells[0][:2], labels)).frame.empty


def test_two_equal_images_are_one_too_many(as_dataset: Make, painted_cells: Cells) -> None:
    frame = scan(as_dataset(painted_cells[0][[0, 0]], [0, 0])).frame
    assert rows_of(frame, "exact_duplicate", "keep") == [0]
    assert rows_of(frame, "exact_duplicate", "drop") == [1]


def test_a_set_of_one_image_many_times_keeps_one(as_dataset: Make, painted_cells: Cells) -> None:
    dataset = as_dataset(np.repeat(painted_cells[0][:1], 60, axis=0), np.zeros(60))
    findings = scan(dataset)
    assert selection_from(findings).apply(dataset).sum() == 1


def test_equal_images_under_two_labels_are_all_shown_and_none_is_chosen(
    as_dataset: Make, painted_cells: Cells
) -> None:
    images = np.concatenate([painted_cells[0][:3], painted_cells[0][[1, 1]]])
    frame = scan(as_dataset(images, [0, 1, 2, 1, 3])).frame
    assert rows_of(frame, "conflicting_duplicate", "review") == [1, 3, 4]
    assert not rows_of(frame, "exact_duplicate")
    assert "class 1, class 3" in frame["detail"].iloc[0]


def test_a_image_repeated_far_more_than_any_other_goes_altogether(
    as_dataset: Make, painted_cells: Cells
) -> None:
    images, labels = painted_cells
    many = np.concatenate([images, np.repeat(images[5:6], 20, axis=0)])
    frame = scan(as_dataset(many, np.append(labels, np.repeat(labels[5], 20))), [ExactDuplicates()]).frame
    assert rows_of(frame, "exact_duplicate", "drop") == [5, *range(120, 140)]


def test_a_class_filled_up_with_copies_keeps_one_of_each(as_dataset: Make, painted_cells: Cells) -> None:
    images, labels = painted_cells
    rare = np.tile(np.flatnonzero(labels == 4), 10)
    dataset = as_dataset(np.concatenate([images, images[rare]]), np.append(labels, labels[rare]))
    frame = scan(dataset, [ExactDuplicates()]).frame
    assert rows_of(frame, "exact_duplicate", "keep") == np.flatnonzero(labels == 4).tolist()


def test_a_class_with_one_member_is_not_doubted(as_dataset: Make, painted_cells: Cells) -> None:
    images, labels = painted_cells
    labels = np.where(labels == 7, 6, labels)
    labels[10] = 7
    findings = scan(as_dataset(images, labels))
    assert 10 not in rows_of(findings.frame, "doubtful_label")
    assert np.isnan(findings.numbers["label_probability"][10])


@pytest.mark.parametrize("value", [0, 128, 255])
def test_plain_colours_are_no_cells(as_dataset: Make, painted_cells: Cells, value: int) -> None:
    images = painted_cells[0].copy()
    images[7] = value
    frame = scan(as_dataset(images, painted_cells[1])).frame
    assert 7 in rows_of(frame, "not_a_cell", "drop")


def test_images_of_another_size_are_scanned_too(as_dataset: Make, painted_cells: Cells) -> None:
    images = painted_cells[0][:60, ::3, ::2].copy()
    images[3] = images[9]
    frame = scan(as_dataset(images, painted_cells[1][:60] % 2)).frame
    assert rows_of(frame, "exact_duplicate", "drop") + rows_of(frame, "conflicting_duplicate")


@pytest.mark.parametrize("side", [28, 224])
def test_twenty_grey_images_of_another_size(as_dataset: Make, painted_cells: Cells, side: int) -> None:
    import cv2

    images = np.stack([cv2.resize(image, (side, side)) for image in painted_cells[0][:20]])
    grey = np.repeat(images.mean(axis=3, keepdims=True).astype(np.uint8), 3, axis=3)
    grey[4] = 77
    grey[9] = grey[8]
    dataset = as_dataset(grey, painted_cells[1][:20])
    findings = scan(dataset)
    assert 4 in rows_of(findings.frame, "not_a_cell", "drop")
    assert 9 in findings.frame["index"].to_numpy()
    assert selection_from(findings).apply(dataset).sum() >= 15


def test_progress_only_goes_up_and_ends_at_one(as_dataset: Make, painted_cells: Cells) -> None:
    seen: list[float] = []
    scan(as_dataset(*painted_cells), progress=lambda share, text: seen.append(share))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_probabilities_that_were_handed_in_are_believed(as_dataset: Make, painted_cells: Cells) -> None:
    images, labels = painted_cells
    dataset = as_dataset(images, labels)
    probabilities = np.full((len(labels), 8), 0.01 / 7)
    probabilities[np.arange(len(labels)), labels] = 0.99
    probabilities[12] = np.roll(probabilities[12], 1)
    probabilities[20] = np.nan
    findings = scan(dataset, probabilities=probabilities)
    assert rows_of(findings.frame, "doubtful_label") == [12]
    assert np.isnan(findings.numbers["label_probability"][20])


def test_a_label_without_a_chance_is_doubted_though_no_class_is_sure_of_the_row(
    as_dataset: Make, painted_cells: Cells
) -> None:
    images, labels = painted_cells
    probabilities = np.full((len(labels), 8), 0.03 / 7)
    probabilities[np.arange(len(labels)), labels] = 0.97
    # Two other classes share the rest: confident learning counts the row for neither.
    probabilities[12] = 0.0
    probabilities[12, np.roll(np.arange(8), -labels[12])[:3]] = (0.02, 0.5, 0.48)
    dataset = as_dataset(images, labels)
    for sure, doubted in ((0.0, []), (DoubtfulLabels().sure, [12])):
        findings = scan(dataset, [DoubtfulLabels(sure=sure)], probabilities=probabilities)
        assert rows_of(findings.frame, "doubtful_label") == doubted


def test_features_that_were_handed_in_are_learned_from(as_dataset: Make, painted_cells: Cells) -> None:
    images, labels = painted_cells
    rng = np.random.default_rng(0)
    given = labels % 2
    features = np.stack([given + rng.normal(0, 0.05, len(labels)), rng.normal(0, 1, len(labels))], axis=1)
    given[30] = 1 - given[30]
    # With so few rows to learn from, no model is as sure as the usual limit asks.
    findings = scan(as_dataset(images, given), [DoubtfulLabels(limit=0.2)], features=features)
    assert rows_of(findings.frame, "doubtful_label") == [30]


@pytest.mark.parametrize(
    "bad",
    [{"features": np.zeros((3, 5))}, {"probabilities": np.zeros((120, 3))}, {"features": np.zeros(120)}],
)
def test_arrays_of_another_set_are_refused(
    as_dataset: Make, painted_cells: Cells, bad: dict[str, np.ndarray]
) -> None:
    with pytest.raises(UserError, match=f"'{next(iter(bad))}' has shape"):
        scan(as_dataset(*painted_cells), **bad)


def test_every_kind_has_a_check() -> None:
    made = [kind for check in default_checks() for kind in check.kinds]
    assert sorted(made) == sorted(KINDS)


def test_a_threshold_is_a_field(as_dataset: Make, painted_cells: Cells) -> None:
    from bcc.quality.image_faults import ImageFaults

    dataset = as_dataset(*painted_cells)
    strict = scan(dataset, [ImageFaults(blur_limit=0.5)]).counts()["blurred"]
    usual = scan(dataset, [ImageFaults()]).counts()["blurred"]
    assert strict > usual + 10


def test_a_scan_tells_the_shell_nothing_and_leaves_the_filters_of_warnings(
    as_dataset: Make, painted_cells: Cells
) -> None:
    import warnings

    from bcc.quality.not_a_cell import NotACell
    from bcc.quality.other_stain import OtherStain

    dataset = as_dataset(painted_cells[0][:60], painted_cells[1][:60])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", message="one of mine")
        scan(dataset, [OtherStain(), NotACell()])
        assert any(one[1] is not None and one[1].pattern == "one of mine" for one in warnings.filters)
        assert not [one for one in told if "sklearn" in str(one.filename)]
