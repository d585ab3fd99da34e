"""The Dice scores that are reported per class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bcc.cells import painted_dice
from bcc.datasets import load
from bcc.datasets.synthetic import CLASS_NAMES, paint_set
from bcc.errors import UserError


def test_classes_are_scored_against_the_known_masks(tmp_path: Path) -> None:
    painted = paint_set(24, seed=2, faults=False)
    np.savez(tmp_path / "cells.npz", images=painted.images, labels=painted.labels)
    np.save(tmp_path / "cell_masks.npy", painted.cell_masks)
    np.save(tmp_path / "nucleus_masks.npy", painted.nucleus_masks)
    dataset = replace(load(tmp_path / "cells.npz", classes=CLASS_NAMES), folder=tmp_path)
    table = painted_dice(dataset).set_index("class")
    assert table.loc["all", "pictures"] == 24
    assert list(table.index[:-1]) == list(CLASS_NAMES)
    assert table.loc["all", "cell_mask"] > table.loc["all", "violet_mask"] > 0.4


def test_a_set_without_known_masks_is_refused(tiny_npz: Callable[..., Path]) -> None:
    with pytest.raises(UserError, match="no known masks"):
        painted_dice(load(tiny_npz(rows=8)))
