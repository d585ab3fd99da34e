"""A contact sheet: a row of cells per class, painted ones alone or next to others.

It made docs/images/painted_cells.png, and it is how painted cells were compared with photographs
while the ranges were set:

    python -m bcc.datasets.synthetic.contact_sheet docs/images/painted_cells.png
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import cv2
import numpy as np

from bcc.datasets.synthetic.draw import CLASS_NAMES, draw_spec
from bcc.datasets.synthetic.paint import paint

_MARGIN = 24


def contact_sheet(
    columns: int = 8, seed: int = 0, size: int = 96, beside: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """Painted cells of every class, with the class written above each row.

    Args:
        columns: cells per class.
        seed: of the first cell of a row; the others follow.
        size: side of an image in pixels.
        beside: class -> uint8 (n, size, size, 3), shown to the right of the painted ones.

    Returns:
        uint8 (height, width, 3) RGB.
    """
    rows = []
    for label, class_name in enumerate(CLASS_NAMES):
        seeds = range(seed + 1000 * label, seed + 1000 * label + columns)
        images = [paint(draw_spec(class_name, one), size).image for one in seeds]
        if beside is not None:
            images += [np.full((size, 8, 3), 255, np.uint8), *beside[class_name][:columns]]
        row = np.concatenate(images, axis=1)
        title = np.full((_MARGIN, row.shape[1], 3), 255, np.uint8)
        where, black = (4, _MARGIN - 7), (40, 40, 40)
        cv2.putText(
            title, f"{class_name} (synthetic)", where, cv2.FONT_HERSHEY_SIMPLEX, 0.5, black, 1, cv2.LINE_AA
        )
        rows += [title, row]
    return np.concatenate(rows, axis=0)


if __name__ == "__main__":
    cv2.imwrite(sys.argv[1], contact_sheet()[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
