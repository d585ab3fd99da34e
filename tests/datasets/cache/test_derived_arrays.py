from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import cached_sets, derived, load, read_derived
from bcc.datasets.cache.derived_arrays import derived_path


def test_made_once_and_read_again(tiny_npz: Callable[..., Path]) -> None:
    dataset = load(tiny_npz(rows=20, classes=2))
    made = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"numbers": np.arange(20)}

    assert read_derived(dataset, "numbers") is None
    for _ in range(2):
        np.testing.assert_array_equal(derived(dataset, "numbers", make)["numbers"], np.arange(20))
    assert len(made) == 1
    derived_path(dataset, "numbers").write_bytes(b"PK damaged")
    derived(dataset, "numbers", make)
    assert len(made) == 2, "what is damaged is made again"
    assert len(cached_sets()) == 1
    assert load(dataset.fingerprint).fingerprint == dataset.fingerprint


def test_a_name_never_leaves_the_folder(tiny_npz: Callable[..., Path]) -> None:
    dataset = load(tiny_npz(rows=20, classes=2))
    with pytest.raises(ValueError, match="cannot be the name"):
        derived_path(dataset, "../outside")
