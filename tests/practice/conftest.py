"""A small set to practise on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bcc.datasets import Dataset, load


@pytest.fixture
def cells(tiny_npz: Callable[..., Path], data_folder: Path) -> Dataset:
    """Four classes of thirty blobs each, three of them with names that are known."""
    path = tiny_npz(data_folder / "cells.npz", rows=120, classes=4)
    return load(path, classes="neutrophil,lymphocyte,platelet,smudge")
