"""Traits: on painted cells whose truth is known, and the ROC area against scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from bcc.datasets.synthetic import CellSpec, draw_spec, paint
from bcc.practice.traits import TRAITS, in_words, measure_traits, number, telling_apart


def traits_of(*specs: CellSpec) -> pd.DataFrame:
    images = np.stack([paint(spec, 96).image for spec in specs])
    return measure_traits(images, np.arange(len(images)))


@pytest.mark.parametrize(
    ("field", "low", "high", "trait"),
    [
        ("nucleus_size", 0.3, 0.6, "nucleus_share"),
        ("cell_size", 11.0, 16.0, "size"),
        ("nucleus_density", 1.3, 2.2, "nucleus_darkness"),
        ("cytoplasm_blue", 0.15, 0.5, "blue"),
        ("cytoplasm_pink", 0.05, 0.4, "pink"),
        ("elongation", 1.6, 1.0, "outline"),
        ("orange_granules", 0, 160, "pink"),
    ],
)
def test_more_of_a_property_is_more_of_its_trait(field: str, low: float, high: float, trait: str) -> None:
    for name in ("monocyte", "neutrophil"):
        spec = draw_spec(name, 5)
        table = traits_of(spec.model_copy(update={field: low}), spec.model_copy(update={field: high}))
        assert table[trait][1] > table[trait][0]


def test_an_image_without_a_cell_has_no_traits() -> None:
    table = measure_traits(np.full((2, 64, 64, 3), 230, np.uint8), np.array([1]))
    assert len(table) == 1
    assert list(table) == list(TRAITS)
    assert table["size"].isna().all()


def test_the_area_is_that_of_scikit_learn_and_the_best_trait_comes_first() -> None:
    rng = np.random.default_rng(0)
    one = pd.DataFrame({name: rng.normal(place / 4, 1, 80).round(1) for place, name in enumerate(TRAITS)})
    other = pd.DataFrame({name: rng.normal(0, 1, 60).round(1) for name in TRAITS})
    one.loc[:9, "blue"] = np.nan
    table = telling_apart(one, other)
    assert table["area"].is_monotonic_decreasing
    for line in table.itertuples():
        values = [one[line.trait].dropna(), other[line.trait]]
        labels = np.repeat([1, 0], [len(part) for part in values])
        area = roc_auc_score(labels, np.concatenate(values))
        assert line.area == pytest.approx(max(area, 1 - area))
        assert line.above_first == pytest.approx((values[0] > line.threshold).mean())
        assert line.above_second == pytest.approx((values[1] > line.threshold).mean())
    assert table.set_index("trait")["n_first"]["blue"] == 70


def test_too_few_cells_say_nothing() -> None:
    few = pd.DataFrame({name: [1.0, 2.0] for name in TRAITS})
    assert telling_apart(few, few).empty


def test_a_line_reads_as_a_sentence() -> None:
    one = pd.DataFrame({name: np.linspace(0.5, 0.9, 10) for name in TRAITS})
    other = pd.DataFrame({name: np.linspace(0.1, 0.3, 10) for name in TRAITS})
    table = telling_apart(other, one).set_index("trait", drop=False)
    assert in_words(table.loc["nucleus_share"], "monocyte", "lymphocyte") == (
        "Share of the cell that the nucleus fills above 40%: lymphocyte 100%, monocyte 0%."
    )
    assert number(0.256, " OD") == "0.26 OD"
