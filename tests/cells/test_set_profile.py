"""What the images of a set look like: painted cells as other laboratories would show them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bcc.cells.set_profile import MEASURED, SetProfile, measure_image, profile_of
from bcc.datasets.synthetic import draw_spec, paint
from bcc.errors import UserError
from bcc.evaluation.robustness.laboratories import LABORATORIES

BY_NAME = {laboratory.name: laboratory for laboratory in LABORATORIES}


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    """Forty painted cells of four classes."""
    names = ("neutrophil", "lymphocyte", "monocyte", "eosinophil")
    return np.stack([paint(draw_spec(names[seed % 4], seed), 96).image for seed in range(40)])


@pytest.fixture(scope="module")
def at_home(cells: np.ndarray) -> SetProfile:
    return profile_of(cells)


def seen_in(laboratory: str, cells: np.ndarray) -> SetProfile:
    return profile_of(np.stack([BY_NAME[laboratory](image, row) for row, image in enumerate(cells)]))


@pytest.mark.parametrize("laboratory", ["small cells", "smaller cells"])
def test_the_size_of_cells_is_measured(cells: np.ndarray, at_home: SetProfile, laboratory: str) -> None:
    ratio = seen_in(laboratory, cells).middle["cell_share"] / at_home.middle["cell_share"]
    assert ratio == pytest.approx(BY_NAME[laboratory].scale, rel=0.1)


def test_the_size_is_a_diameter() -> None:
    """Of a painted cell, whose mask is known: the diameter of a disc with its area, over the side."""
    shares, diameters = [], []
    for seed in range(12):
        painted = paint(draw_spec("lymphocyte", seed), 96)
        shares.append(measure_image(painted.image)[3])
        diameters.append(2 * np.sqrt(painted.cell_mask.sum() / np.pi) / 96)
    assert np.median(np.array(shares) / diameters) == pytest.approx(1, abs=0.1)


def test_the_glass_is_measured(cells: np.ndarray, at_home: SetProfile) -> None:
    white = seen_in("white light", cells)
    assert np.ptp(white.glass) < np.ptp(at_home.glass)
    # Painted glass is not the photographs' own: what counts is the factor on each channel.
    factor = np.array(white.glass) / at_home.glass
    assert factor == pytest.approx(np.array([238, 239, 244]) / (253.3, 227.5, 200.7), rel=0.05)


def test_focus_and_detail_are_measured(cells: np.ndarray, at_home: SetProfile) -> None:
    coarse = seen_in("coarse camera", cells)
    assert coarse.middle["edge_width"] > 1.15 * at_home.middle["edge_width"]
    assert coarse.middle["detail"] < 0.75 * at_home.middle["detail"]


def test_blur_makes_edges_wider(cells: np.ndarray) -> None:
    widths = [
        np.median([measure_image(cv2.GaussianBlur(image, (0, 0), sigma))[4] for image in cells[:10]])
        for sigma in (0.5, 1.5, 3.0)
    ]
    assert widths == sorted(widths)
    assert widths[2] > 1.5 * widths[0]


def test_glass_without_a_cell_has_no_size() -> None:
    empty = np.full((3, 64, 64, 3), (250, 226, 201), np.uint8)
    profile = profile_of(empty)
    assert np.isnan(profile.middle["cell_share"])
    assert profile.glass == pytest.approx((250, 226, 201), abs=1)
    assert profile.stain is None


def test_a_profile_survives_json(at_home: SetProfile) -> None:
    assert SetProfile.from_dict(at_home.to_dict()) == at_home
    assert set(at_home.middle) == set(MEASURED)
    with pytest.raises(UserError, match="damaged"):
        SetProfile.from_dict({"n": 3})


def test_nothing_to_measure() -> None:
    with pytest.raises(UserError, match="no image"):
        profile_of(np.empty((0, 32, 32, 3), np.uint8))
