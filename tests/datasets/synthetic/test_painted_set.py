"""The built-in set: shares, planted faults checked against pixels, determinism, two painters."""

from __future__ import annotations

import subprocess

import cv2
import numpy as np
import pytest

from bcc.datasets.synthetic import CLASS_NAMES, FAULTS, PaintedSet, draw_spec, paint, paint_set
from bcc.datasets.synthetic.faults import FULL_COUNTS, NEAR_KINDS, fault_counts, near_duplicate
from bcc.datasets.synthetic.painted_set import CHALLENGE_COUNTS, class_counts
from bcc.datasets.synthetic.ranges import FORMS, SMEAR
from bcc.datasets.synthetic.spec import CellSpec
from bcc.datasets.synthetic.two_painters import pack, paint_cell, paint_cells, unpack
from bcc.errors import UserError

CELLS = 120


@pytest.fixture(scope="module")
def painted() -> PaintedSet:
    return paint_set(CELLS, seed=5)


def test_shapes_and_types(painted: PaintedSet) -> None:
    rows = CELLS + sum(fault_counts(CELLS).values()) - fault_counts(CELLS)["wrong_label"]
    assert painted.images.shape == (rows, 96, 96, 3)
    assert painted.images.dtype == np.uint8
    assert painted.labels.shape == (rows,)
    assert painted.labels.dtype == np.int64
    assert painted.nucleus_masks.shape == painted.cell_masks.shape == (rows, 96, 96)
    assert painted.nucleus_masks.dtype == painted.cell_masks.dtype == bool
    assert list(painted.truth.columns) == ["row", "fault", "of", "true_label", "seed"]
    assert painted.truth["row"].tolist() == list(range(rows))


def test_class_shares_are_the_challenges() -> None:
    counts = class_counts(1600)
    assert sum(counts) == 1600
    exact = np.array(CHALLENGE_COUNTS) * 1600 / sum(CHALLENGE_COUNTS)
    assert np.all(np.abs(np.array(counts) - exact) < 1)
    assert class_counts(sum(CHALLENGE_COUNTS)) == CHALLENGE_COUNTS
    for cells in (8, 9, 13, 50):
        assert sum(class_counts(cells)) == cells
        assert min(class_counts(cells)) >= 1


def test_a_clean_set_is_what_draw_spec_and_paint_give() -> None:
    clean = paint_set(16, seed=3, faults=False)
    assert len(clean.labels) == 16
    assert set(clean.truth["fault"]) == {""}
    assert set(clean.truth["of"]) == {-1}
    assert np.array_equal(clean.labels, clean.truth["true_label"])
    for line in clean.truth.itertuples():
        cell = paint(draw_spec(CLASS_NAMES[line.true_label], line.seed))
        assert np.array_equal(clean.images[line.row], cell.image)
        assert np.array_equal(clean.nucleus_masks[line.row], cell.nucleus_mask)
        assert np.array_equal(clean.cell_masks[line.row], cell.cell_mask)


def test_rows_are_shuffled(painted: PaintedSet) -> None:
    assert np.count_nonzero(np.diff(painted.labels)) > len(painted.labels) / 2


def test_same_seed_same_bytes(painted: PaintedSet) -> None:
    again = paint_set(CELLS, seed=5)
    assert np.array_equal(painted.images, again.images)
    assert np.array_equal(painted.labels, again.labels)
    assert painted.truth.equals(again.truth)


def test_a_cell_does_not_depend_on_how_many_others_there_are() -> None:
    few, more = (paint_set(cells, seed=5, faults=False).truth for cells in (16, 40))
    assert set(zip(few["true_label"], few["seed"], strict=True)) <= set(
        zip(more["true_label"], more["seed"], strict=True)
    )
    other = paint_set(16, seed=6, faults=False).truth
    assert not set(few["seed"]) & set(other["seed"])


def test_every_fault_is_planted_as_often_as_said(painted: PaintedSet) -> None:
    counts = painted.truth["fault"].value_counts()
    assert {fault: int(counts[fault]) for fault in FAULTS} == fault_counts(CELLS)
    assert fault_counts(1600) == FULL_COUNTS


def test_composites_are_one_image_under_every_label(painted: PaintedSet) -> None:
    rows = painted.truth.index[painted.truth["fault"] == "repeated_composite"]
    assert all(np.array_equal(painted.images[row], painted.images[rows[0]]) for row in rows)
    assert set(painted.labels[rows]) == set(range(len(CLASS_NAMES)))
    under = painted.truth["of"][rows]
    assert under.nunique() == 1
    cell = painted.images[under.iloc[0]].astype(int)
    assert 20 < np.abs(painted.images[rows[0]] - cell).mean() < 150
    # 0.4 of the cell shines through, rounding apart.
    background = painted.images[rows[0]].astype(float) - 0.4 * cell
    assert len(np.unique(np.rint(background[0, :8]).reshape(-1, 3), axis=0)) == 1


def test_exact_duplicates_are_equal_bytes(painted: PaintedSet) -> None:
    copies = painted.truth[painted.truth["fault"] == "exact_duplicate"]
    for line in copies.itertuples():
        assert line.of != line.row
        assert np.array_equal(painted.images[line.row], painted.images[line.of])
        assert np.array_equal(painted.cell_masks[line.row], painted.cell_masks[line.of])
        assert painted.labels[line.row] == painted.labels[line.of] == line.true_label


def test_only_the_truths_duplicates_are_duplicates(painted: PaintedSet) -> None:
    known = painted.truth["fault"].isin(["repeated_composite", "exact_duplicate"])
    rest = painted.images[~known.to_numpy()]
    assert len(np.unique(rest.reshape(len(rest), -1), axis=0)) == len(rest)


def test_near_duplicates_are_planted_as_what_they_are(painted: PaintedSet) -> None:
    near = painted.truth[painted.truth["fault"] == "near_duplicate"]
    for line in near.itertuples():
        image, original = painted.images[line.row], painted.images[line.of]
        assert not np.array_equal(image, original)
        assert _distance(image, original) < 0.25
        assert painted.labels[line.row] == painted.labels[line.of] == line.true_label


@pytest.mark.parametrize("kind", NEAR_KINDS)
def test_near_duplicates_are_close_but_not_equal(kind: str) -> None:
    rng = np.random.default_rng(0)
    for number, class_name in enumerate(CLASS_NAMES):
        cell = paint_cell(draw_spec(class_name, number))
        near = near_duplicate(cell, kind, rng)
        assert not np.array_equal(near.image, cell.image)
        stranger = paint_cell(draw_spec(class_name, number + 100))
        assert _distance(near.image, cell.image) < 0.7 * _distance(stranger.image, cell.image)
        inside = near.image[near.cell_mask].mean(axis=0)
        assert np.allclose(inside, cell.image[cell.cell_mask].mean(axis=0), atol=25)
        assert not np.any(near.nucleus_mask & ~near.cell_mask)


def _distance(image: np.ndarray, other: np.ndarray) -> float:
    """Smallest difference over mirrored and shifted smoothed images, relative to their contrast."""
    ours, theirs = (cv2.GaussianBlur(one.astype(np.float32), (0, 0), 3.0) for one in (image, other))
    ours, theirs = ((one - one.mean()) / one.std() for one in (ours, theirs))
    return min(
        float(np.abs(np.roll(turned, (down, across), (0, 1)) - theirs)[8:-8, 8:-8].mean())
        for turned in (ours, ours[:, ::-1])
        for down in range(-4, 5, 2)
        for across in range(-4, 5, 2)
    )


def test_blurred_cells_are_softer_and_dark_cells_darker(painted: PaintedSet) -> None:
    for fault in ("blurred", "dark"):
        for line in painted.truth[painted.truth["fault"] == fault].itertuples():
            sound = paint(draw_spec(CLASS_NAMES[line.true_label], line.seed)).image
            planted = painted.images[line.row]
            if fault == "blurred":
                assert _sharpness(planted) < 0.35 * _sharpness(sound)
            else:
                assert planted.mean() < 0.5 * sound.mean()
            assert painted.labels[line.row] == line.true_label
            assert line.of == -1


def _sharpness(image: np.ndarray) -> float:
    return float(cv2.Laplacian(image[..., 1].astype(np.float32), cv2.CV_32F).std())


def test_wrong_labels_are_wrong_and_all_others_right(painted: PaintedSet) -> None:
    wrong = painted.truth["fault"] == "wrong_label"
    differs = painted.labels != painted.truth["true_label"].to_numpy()
    assert np.all(differs[wrong])
    composite = painted.truth["fault"] == "repeated_composite"
    assert not np.any(differs[~(wrong | composite)])


def test_copies_are_made_from_sound_rows(painted: PaintedSet) -> None:
    sources = painted.truth["of"][painted.truth["of"] >= 0]
    assert set(painted.truth["fault"][sources]) == {""}


def test_progress_ends_at_one() -> None:
    told: list[float] = []
    paint_set(16, faults=False, progress=lambda share, message: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_bad_numbers_are_explained() -> None:
    with pytest.raises(UserError, match="at least 8"):
        paint_set(7)
    with pytest.raises(UserError, match="seed"):
        paint_set(8, seed=-1)


def test_the_second_painter_paints_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.datasets.synthetic.two_painters.FEW", 4)
    specs = [draw_spec(CLASS_NAMES[number % 8], number) for number in range(9)]
    started: list[object] = []
    really_run = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda *command, **options: started.append(1) or really_run(*command, **options)
    )
    together = paint_cells(specs)
    assert started
    for cell, spec in zip(together, specs, strict=True):
        alone = paint_cell(spec)
        assert np.array_equal(cell.image, alone.image)
        assert np.array_equal(cell.nucleus_mask, alone.nucleus_mask)


def test_without_a_second_process_the_first_paints_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*command: object, **options: object) -> None:
        raise OSError("no processes here")

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr("bcc.datasets.synthetic.two_painters.FEW", 4)
    specs = [draw_spec("platelet", number) for number in range(5)]
    painted = paint_cells(specs)
    for cell, spec in zip(painted, specs, strict=True):
        assert np.array_equal(cell.image, paint(spec).image)


def test_packed_cells_come_back_whole() -> None:
    cells = [paint_cell(draw_spec(name, 1)) for name in CLASS_NAMES[:3]]
    for before, after in zip(cells, unpack(pack(cells)), strict=True):
        assert np.array_equal(before.image, after.image)
        assert np.array_equal(before.nucleus_mask, after.nucleus_mask)
        assert np.array_equal(before.cell_mask, after.cell_mask)


def test_ranges_name_real_fields_and_shares_add_up() -> None:
    known = set(CellSpec.model_fields) - {"seed", "orientation", "nucleus_angle"}
    for class_name in CLASS_NAMES:
        assert sum(form.share for form in FORMS[class_name]) == pytest.approx(1.0)
        for form in FORMS[class_name]:
            assert set(form.fields) <= known
            assert all(low <= high for low, high in form.fields.values())
    assert set(SMEAR) <= known
