"""Cells in fields of view: painted and photographed cells side by side, found, told apart and cut out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bcc.cells.field_set import COLUMNS, cut_fields
from bcc.cells.fields import LARGEST_SIDE, crop, find_cells, measure_red_cells
from bcc.datasets import load
from bcc.errors import UserError

SIDE = 360


def mosaic(photographs: list[np.ndarray], columns: int = 5) -> np.ndarray:
    """Photographs of single cells side by side, as a field whose cells' places are known."""
    tiles = [one[:SIDE, :SIDE] for one in photographs]
    return np.vstack([np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)])


def read(path: Path) -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


def found_once(field: np.ndarray, kind: str, tiles: int, columns: int = 5) -> int:
    """In how many tiles exactly one cell of a kind lies near the middle."""
    places = np.array([(cell.x, cell.y) for cell in find_cells(field).cells if cell.kind == kind])
    places = places.reshape(-1, 2)
    good = 0
    for tile in range(tiles):
        middle = SIDE * (np.array([tile % columns, tile // columns]) + 0.5)
        good += int((np.hypot(*(places - middle).T) < 0.2 * SIDE).sum() == 1)
    return good


@pytest.fixture(scope="module")
def of_class(shared_data: Path) -> dict[str, list[np.ndarray]]:
    names = (
        "basophil",
        "erythroblast",
        "ig",
        "lymphocyte",
        "monocyte",
        "neutrophil",
        "eosinophil",
        "platelet",
    )
    return {
        name: [read(path) for path in sorted((shared_data / "pbc" / name).glob("*.jpg"))[:20]]
        for name in names
    }


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("basophil", 18), ("erythroblast", 17), ("ig", 18), ("lymphocyte", 18), ("monocyte", 18),
        ("neutrophil", 18), ("eosinophil", 16),
    ],
)  # fmt: skip
def test_the_cell_in_the_middle_of_each_photograph_is_found_once(
    of_class: dict[str, list[np.ndarray]], name: str, least: int
) -> None:
    assert found_once(mosaic(of_class[name]), "nucleated", 20) >= least


def test_platelets_are_told_from_nuclei(of_class: dict[str, list[np.ndarray]]) -> None:
    assert found_once(mosaic(of_class["platelet"]), "platelet", 20) >= 15


def test_magnification_does_not_matter(of_class: dict[str, list[np.ndarray]]) -> None:
    field = mosaic(of_class["lymphocyte"])
    for scale in (0.5, 2.0):
        other = cv2.resize(field, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        assert measure_red_cells(other) / measure_red_cells(field) == pytest.approx(scale, rel=0.12)
        here, there = (
            [(cell.x, cell.y) for cell in find_cells(one).cells if cell.kind == "nucleated"]
            for one in (field, other)
        )
        assert len(here) == pytest.approx(len(there), abs=2)


def test_glass_and_red_cells_hold_nothing() -> None:
    glass = np.full((400, 600, 3), (250, 238, 214), np.uint8)
    assert find_cells(glass).cells == ()
    for x, y in ((60, 80), (200, 300), (420, 120), (500, 330), (320, 200)):
        cv2.circle(glass, (x, y), 34, (205, 160, 160), -1)
    assert find_cells(glass).cells == ()
    assert measure_red_cells(glass) == pytest.approx(34, abs=3)


def test_a_crop_beyond_the_border_is_filled_with_glass() -> None:
    field = np.full((100, 100, 3), (250, 238, 214), np.uint8)
    cv2.circle(field, (3, 3), 12, (90, 40, 130), -1)
    found = find_cells(field, red_cell_radius=12)
    cut = crop(field, found.cells[0], 60, found.glass)
    assert cut.shape == (60, 60, 3)
    assert np.abs(cut[0, 0].astype(int) - (250, 238, 214)).max() <= 3


def test_a_huge_field_is_refused_in_one_sentence() -> None:
    with pytest.raises(UserError, match="too large"):
        find_cells(np.zeros((4, LARGEST_SIDE + 1, 3), np.uint8))


def test_fields_become_a_dataset_without_labels(tmp_path: Path) -> None:
    field = np.full((300, 500, 3), (250, 238, 214), np.uint8)
    for x, y in ((80, 80), (220, 200), (400, 120)):
        cv2.circle(field, (x, y), 30, (90, 40, 130), -1)
    (tmp_path / "fields").mkdir()
    cv2.imwrite(str(tmp_path / "fields" / "a.png"), field[..., ::-1])
    (tmp_path / "fields" / "b.png").write_bytes(b"no image")
    found = cut_fields([str(tmp_path / "fields")], red_cell_radius=28)
    assert found.counts == {"a.png": (3, 0)}
    assert found.skipped[0][0] == "b.png"
    found.save(tmp_path / "cells.npz")
    made = load(tmp_path / "cells.npz")
    assert made.class_names == ("unlabelled",)
    assert len(made) == 3
    assert set(made.columns) == set(COLUMNS)
    assert float(made.columns["x"][0]) == pytest.approx(80, abs=2)


def test_nothing_to_find_is_said(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((90, 90, 3), 240, np.uint8))
    with pytest.raises(UserError, match="No cell was found"):
        cut_fields([str(tmp_path / "a.png")]).save(tmp_path / "out.npz")
    with pytest.raises(UserError):
        cut_fields([str(tmp_path / "none")])
