from __future__ import annotations

import numpy as np

from bcc.cells import MEASURED, cell_mask, measure_masks, nucleus_mask, three_masks, violet_mask
from bcc.datasets.synthetic import paint_set


def test_the_three_masks_are_the_masks() -> None:
    image = paint_set(8, seed=1, faults=False).images[2]
    for made, mask in zip(three_masks(image), (violet_mask, cell_mask, nucleus_mask), strict=True):
        np.testing.assert_array_equal(made, mask(image))


def test_every_image_is_measured() -> None:
    images = np.concatenate(
        [paint_set(24, seed=1, faults=False).images, np.full((1, 96, 96, 3), 255, np.uint8)]
    )
    told: list[float] = []
    table = measure_masks(images, lambda share, _: told.append(share))
    assert tuple(table) == MEASURED
    assert told[-1] == 1
    for place in (0, 9):
        cell = cell_mask(images[place])
        assert table["cell_area"][place] == cell.sum()
        assert np.isclose(table["cell_share"][place], cell.mean())
        assert table["cell_parts"][place] >= 1
    assert all(table[name][-1] == 0 for name in MEASURED), "there is nothing on a white image"
