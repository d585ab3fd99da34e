"""Small sets to scan: painted cells, and real ones with planted troubles where the photographs are."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, load
from bcc.datasets.synthetic import paint_set

Make = Callable[..., Dataset]


@pytest.fixture(scope="session")
def painted_cells() -> tuple[np.ndarray, np.ndarray]:
    """120 clean painted cells and their classes."""
    painted = paint_set(120, seed=3, faults=False)
    return painted.images, painted.labels


@pytest.fixture
def as_dataset(tmp_path: Path) -> Make:
    """Make a dataset of arrays: `as_dataset(images, labels)`."""

    def make(images: np.ndarray, labels: np.ndarray, name: str = "cells") -> Dataset:
        path = tmp_path / f"{name}.npz"
        np.savez(path, images=images, labels=np.asarray(labels, np.int64))
        return load(path)

    return make


@pytest.fixture(scope="session")
def real_cells(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """1,800 photographed cells as the challenge has them, in its class shares; no two are equal."""
    spec = importlib.util.spec_from_file_location("make_training_set", shared_data / "make_training_set.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    rng = np.random.default_rng(0)
    files: list[Path] = []
    labels: list[int] = []
    for label, (name, count) in enumerate(zip(maker.CLASSES, maker.PER_CLASS, strict=True)):
        found = sorted((shared_data / "pbc" / name).glob("*.jpg"))
        chosen = rng.choice(len(found), round(1800 * count / sum(maker.PER_CLASS)), replace=False)
        files += [found[place] for place in chosen]
        labels += [label] * len(chosen)
    with ThreadPoolExecutor(2) as pool:
        images = np.stack(list(pool.map(maker.to_96, files)))
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    first = np.sort(first)
    return images[first], np.array(labels, np.int64)[first]
