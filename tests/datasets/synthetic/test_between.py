"""A painted cell on the way from one class to another."""

from __future__ import annotations

import pytest

from bcc.datasets.synthetic import draw_spec
from bcc.datasets.synthetic.between import between


def test_the_ends_are_the_two_cells_and_the_middle_lies_between() -> None:
    one, other = draw_spec("lymphocyte", 3), draw_spec("neutrophil", 8)
    assert between(one, other, 0.0) == one
    end = between(one, other, 1.0)
    assert end.seed == one.seed
    assert end.model_dump(exclude={"seed"}) == pytest.approx(other.model_dump(exclude={"seed"}))
    middle = between(one, other, 0.5)
    assert middle.cell_size == pytest.approx((one.cell_size + other.cell_size) / 2)
    assert isinstance(middle.lobes, int)
    with pytest.raises(ValueError, match="share"):
        between(one, other, 1.5)
