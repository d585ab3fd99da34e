"""What differs between two sets is named, and what does not is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bcc.cells.set_profile import SetProfile, profile_of
from bcc.datasets.synthetic import paint_set
from bcc.evaluation.robustness.laboratories import LABORATORIES
from bcc.transfer import differences, scale_factor

HOME = SetProfile(
    300, 96,
    {"glass_red": 250.0, "glass_green": 225.0, "glass_blue": 200.0, "cell_share": 0.7, "edge_width": 2.8,
     "detail": 81.0},
    {"glass_red": 1.0, "glass_green": 2.0, "glass_blue": 1.0, "cell_share": 0.12, "edge_width": 0.4,
     "detail": 3.5},
    (0.73, 0.59, 0.34), (0.37, 0.92, 0.11),
)  # fmt: skip


def changed(**values: float) -> SetProfile:
    return replace(HOME, middle={**HOME.middle, **values})


def notable(other: SetProfile, home: SetProfile = HOME) -> set[str]:
    return {one.name for one in differences(home, other) if one.notable}


def test_a_set_does_not_differ_from_itself() -> None:
    assert notable(HOME) == set()
    assert [one.name for one in differences(HOME, HOME)] == [
        "background", "cell size", "azure", "eosin", "focus", "detail",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"glass_blue": 225.0}, {"background"}),
        # Within 8 levels, though 7 deviations of the home set.
        ({"glass_blue": 207.0}, set()),
        ({"cell_share": 0.7 * 1.32}, set()),
        ({"cell_share": 0.7 * 1.35}, {"cell size"}),
        ({"cell_share": 0.7 / 1.32}, set()),
        ({"cell_share": 0.7 / 1.35}, {"cell size"}),
        ({"edge_width": 4.1}, {"focus"}),
        ({"edge_width": 3.9}, set()),
        ({"detail": 50.0}, {"detail"}),
    ],
)
def test_what_is_beyond_the_limits_is_notable(values: dict[str, float], expected: set[str]) -> None:
    assert notable(changed(**values)) == expected


def test_a_scattered_home_set_forgives_more() -> None:
    loose = replace(HOME, spread={**HOME.spread, "glass_blue": 20.0})
    assert notable(changed(glass_blue=225.0), loose) == set()


def test_sentences_say_how_to_match_the_scale() -> None:
    small, large = (
        next(one for one in differences(HOME, changed(cell_share=share)) if one.name == "cell size")
        for share in (0.35, 0.96)
    )
    assert "0.50 times as large" in small.sentence
    assert "Crop the middle 50%" in small.sentence
    assert "1.37 times as much around each cell" in large.sentence
    cut = next(one for one in differences(HOME, changed(cell_share=0.99)) if one.name == "cell size")
    assert "cut by the border" in cut.sentence


def test_a_turned_dye_is_named() -> None:
    turned = replace(HOME, eosin=(0.60, 0.75, 0.28))
    assert notable(turned) == {"eosin"}
    assert notable(replace(HOME, eosin=(0.40, 0.90, 0.14))) == set()


def test_what_could_not_be_measured_is_left_out() -> None:
    without = replace(changed(cell_share=np.nan), azure=None, eosin=None)
    assert [one.name for one in differences(HOME, without)] == ["background", "focus", "detail"]


def test_another_side_of_the_images_does_not_count() -> None:
    half = replace(changed(edge_width=1.4, detail=40.5), side=48)
    assert notable(half) == set()


def test_made_up_laboratories_on_painted_cells() -> None:
    images = paint_set(80, seed=5, faults=False).images
    home = profile_of(images)
    by_name = {one.name: one for one in LABORATORIES}

    def seen(name: str) -> SetProfile:
        return profile_of(np.stack([by_name[name](image, row) for row, image in enumerate(images)]))

    assert notable(profile_of(paint_set(80, seed=6, faults=False).images), home) == set()
    assert notable(seen("white light"), home) == {"background"}
    assert scale_factor(home, seen("smaller cells")) == pytest.approx(0.8, abs=0.06)
    assert "cell size" in notable(seen("large cells"), home)
    assert "detail" in notable(seen("coarse camera"), home)
