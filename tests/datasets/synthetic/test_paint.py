"""Painted cells: bounds, masks, determinism, and that one field moves one thing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bcc.datasets.synthetic import CLASS_NAMES, CellSpec, draw_spec, paint
from bcc.errors import UserError
from bcc.specs import field_bounds


def any_spec() -> st.SearchStrategy[CellSpec]:
    """Any combination of in-bounds fields, however unlike a cell."""
    fields = {}
    for name, field in CellSpec.model_fields.items():
        low, high = field_bounds(field)
        fields[name] = st.integers(low, high) if field.annotation is int else st.floats(low, high)
    return st.fixed_dictionaries(fields).map(lambda values: CellSpec(**values))


@settings(max_examples=40, deadline=None)
@given(spec=any_spec(), size=st.sampled_from([32, 96, 97]))
def test_any_spec_within_bounds_paints(spec: CellSpec, size: int) -> None:
    cell = paint(spec, size)
    assert cell.image.shape == (size, size, 3)
    assert cell.image.dtype == np.uint8
    assert cell.nucleus_mask.shape == cell.cell_mask.shape == (size, size)
    assert cell.nucleus_mask.dtype == cell.cell_mask.dtype == bool
    assert not np.any(cell.nucleus_mask & ~cell.cell_mask)
    assert cell.cell_mask.any()


@pytest.mark.parametrize("extreme", [0, 1])
def test_all_fields_at_once_at_their_bounds(extreme: int) -> None:
    values = {name: field_bounds(field)[extreme] for name, field in CellSpec.model_fields.items()}
    assert paint(CellSpec(**values)).image.shape == (96, 96, 3)


def test_every_field_has_bounds_a_default_and_help() -> None:
    for name, field in CellSpec.model_fields.items():
        low, high = field_bounds(field)
        assert low is not None, name
        assert high is not None, name
        assert low <= field.default <= high, name
        assert field.description, name
        assert "topic" in (field.json_schema_extra or {}), name


@pytest.mark.parametrize("class_name", CLASS_NAMES)
def test_same_seed_same_bytes_and_other_seed_other_cell(class_name: str) -> None:
    spec = draw_spec(class_name, 11)
    assert spec == draw_spec(class_name, 11)
    first, again = paint(spec), paint(spec)
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.nucleus_mask, again.nucleus_mask)
    assert not np.array_equal(first.image, paint(draw_spec(class_name, 12)).image)


def test_drawn_specs_differ_between_classes_of_one_seed() -> None:
    assert len({draw_spec(name, 5).model_dump_json() for name in CLASS_NAMES}) == len(CLASS_NAMES)


def test_unknown_class_size_and_seed_are_explained() -> None:
    with pytest.raises(UserError, match="'blast'; choose one of basophil"):
        draw_spec("blast", 0)
    with pytest.raises(UserError, match="not -1"):
        draw_spec("basophil", -1)
    for size in (31, 513):
        with pytest.raises(UserError, match=f"not {size}"):
            paint(CellSpec(), size)


def test_masks_cover_what_the_spec_says() -> None:
    for class_name in CLASS_NAMES:
        for seed in range(4):
            spec = draw_spec(class_name, seed).model_copy(update={"shift_right": 0.0, "shift_down": 0.0})
            cell = paint(spec)
            touches_border = cell.cell_mask[[0, -1]].any() or cell.cell_mask[:, [0, -1]].any()
            if not touches_border:
                expected = np.pi * (2.0 * spec.cell_size) ** 2
                assert cell.cell_mask.sum() == pytest.approx(expected, rel=0.05)
                share = cell.nucleus_mask.sum() / cell.cell_mask.sum()
                assert share == pytest.approx(spec.nucleus_size, abs=0.1)


def test_a_platelet_has_no_nucleus_and_all_others_do() -> None:
    for class_name in CLASS_NAMES:
        assert paint(draw_spec(class_name, 3)).nucleus_mask.any() == (class_name != "platelet")


def test_the_nucleus_is_dark_violet_and_the_background_is_not() -> None:
    cell = paint(draw_spec("lymphocyte", 2))
    nucleus = cell.image[cell.nucleus_mask].mean(axis=0)
    assert nucleus[1] < 80 < nucleus[2]
    brightest = np.percentile(cell.image[~cell.cell_mask], 90, axis=0)
    assert np.allclose(brightest, (253, 227, 201), atol=8)


def test_granules_leave_the_nucleus_and_the_neighbours_alone() -> None:
    spec = draw_spec("eosinophil", 4).model_copy(update={"sharpening": 0.0, "blur": 0.0})
    with_granules = paint(spec)
    without = paint(spec.model_copy(update={"orange_granules": 0.0, "dark_granules": 0.0}))
    assert np.array_equal(with_granules.nucleus_mask, without.nucleus_mask)
    assert np.array_equal(with_granules.cell_mask, without.cell_mask)
    outside = ~_grown(with_granules.cell_mask, 4)
    assert np.array_equal(with_granules.image[outside], without.image[outside])
    cytoplasm = with_granules.cell_mask & ~_grown(with_granules.nucleus_mask, 2)
    green = [cell.image[cytoplasm][:, 1].mean() for cell in (with_granules, without)]
    assert green[0] < green[1] - 20


def test_fading_granules_moves_none_of_those_left() -> None:
    """Half the granules are a part of all of them: no place gets darker when some are taken away."""
    spec = draw_spec("basophil", 6).model_copy(
        update={"sharpening": 0.0, "noise": 0.0, "blur": 0.0, "dark_granules": 0.4}
    )
    many, few = paint(spec), paint(spec.model_copy(update={"dark_granules": 0.2}))
    assert np.all(few.image.astype(int) >= many.image.astype(int) - 1)
    assert np.any(few.image.astype(int) > many.image.astype(int) + 20)


@pytest.mark.parametrize(
    ("field", "value"),
    [("nucleus_size", 0.2), ("lobes", 5), ("chromatin_clumping", 1.0), ("cytoplasm_blue", 1.0)],
)
def test_changes_inside_the_cell_leave_the_outline_and_neighbours(field: str, value: float) -> None:
    spec = draw_spec("monocyte", 8).model_copy(update={"sharpening": 0.0, "blur": 0.0})
    before, after = paint(spec), paint(spec.model_copy(update={field: value}))
    assert np.array_equal(before.cell_mask, after.cell_mask)
    assert not np.array_equal(before.image, after.image)
    outside = ~_grown(before.cell_mask, 4)
    assert np.array_equal(before.image[outside], after.image[outside])


def test_the_same_cell_at_any_size() -> None:
    spec = draw_spec("neutrophil", 9)
    small, large = paint(spec, 64), paint(spec, 256)
    shrunk = large.nucleus_mask.reshape(64, 4, 64, 4).mean(axis=(1, 3)) > 0.5
    agreement = (shrunk & small.nucleus_mask).sum() / (shrunk | small.nucleus_mask).sum()
    assert agreement > 0.93
    blocks = large.image.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(blocks - small.image).mean() < 8


def test_bluer_stain_is_bluer_and_a_dimmer_lamp_darker() -> None:
    spec = draw_spec("monocyte", 1)
    red = [
        paint(spec.model_copy(update={"stain_balance": balance})).image[..., 0].mean()
        for balance in (-1.0, 0.0, 1.0)
    ]
    assert red[0] > red[1] > red[2]
    assert paint(spec.model_copy(update={"illumination": 0.4})).image.mean() < 110


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    grown = mask.copy()
    for _ in range(by):
        padded = np.pad(grown, 1)
        grown = (
            padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
        )
    return grown
