"""The built-in painted sets as a source for the conversion.

`bcc.datasets.synthetic` paints; this module only streams the result into the cache, with masks and planted
truth alongside.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bcc.datasets.conversion import PIECE_BYTES, Piece, Throttled
from bcc.datasets.preprocessing import Preprocessing


def painter_version() -> int:
    """Increased whenever the painter produces other pixels, so that cached datasets are painted again."""
    from bcc.datasets import synthetic

    return int(getattr(synthetic, "PAINTER_VERSION", 1))


class PaintedSource:
    """A painted set: with planted faults, without, or with a planted shortcut."""

    def __init__(self, name: str, preprocessing: Preprocessing, progress: Throttled) -> None:
        """Paint the set.

        Args:
            name: "synthetic" with composites, duplicates, wrong labels and bad images, "synthetic-clean"
                without, "synthetic-shortcut" with a mark on one class.
            preprocessing: applied to images and masks alike.
            progress: called with the share painted and a sentence.
        """
        from bcc.datasets.synthetic import CLASS_NAMES, paint_set
        from bcc.datasets.synthetic.shortcut import paint_shortcut_set

        def report(share: float, text: str) -> None:
            progress(0.9 * share, text)

        painted: Any = (
            paint_shortcut_set(report)
            if name == "synthetic-shortcut"
            else paint_set(faults=name == "synthetic", progress=report)
        )
        self._painted, self._preprocessing = painted, preprocessing
        self.class_names = tuple(CLASS_NAMES)
        self.rows = len(painted.labels)
        self.skipped: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.columns: dict[str, list[str]] = {}

    def pieces(self) -> Iterator[Piece]:
        """Yield all rows in order."""
        images = self._painted.images
        labels = np.asarray(self._painted.labels, np.int64).reshape(-1)
        step = max(1, PIECE_BYTES // images[0].nbytes)
        for start in range(0, self.rows, step):
            rows = slice(start, start + step)
            made = self._preprocessing.apply_batch(images[rows])
            yield Piece(made, labels[rows], None, None, len(made))

    def write_companions(self, folder: Path) -> None:
        """Write `nucleus_masks.npy`, `cell_masks.npy` (bool) and `truth.csv`."""
        for name in ("nucleus_masks", "cell_masks"):
            np.save(folder / f"{name}.npy", _preprocessed(getattr(self._painted, name), self._preprocessing))
        self._painted.truth.to_csv(folder / "truth.csv", index=False)

    def close(self) -> None:
        """Do nothing: no file is open."""


def _preprocessed(masks: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """The same crop and scale for (N, H, W) masks as for their images, at half coverage."""
    if preprocessing.kind == "none":
        return masks
    images = (np.repeat((mask > 0).astype(np.uint8)[..., None], 3, axis=2) * 255 for mask in masks)
    made: np.ndarray = np.stack([preprocessing.apply(image)[..., 0] > 127 for image in images])
    return made
