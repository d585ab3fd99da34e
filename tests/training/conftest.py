"""Runs of a network so small that it compiles in seconds; all that surrounds it is real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bcc.models import ARCHITECTURES, Architecture
from bcc.training import TrainConfig

SmallConfig = Callable[..., TrainConfig]


@pytest.fixture(scope="session")
def small_architecture() -> Architecture:
    """Four thin blocks."""
    return Architecture((1, 1, 1, 1), (8, 16, 24, 32), 0.03, False)


@pytest.fixture(scope="session")
def small_config(learned_npz: Path) -> SmallConfig:
    """Make a config on `learned_npz` (40 rows to train on): `small_config(epochs=3, data={...})`."""

    def make(*, data: dict[str, Any] | None = None, **changes: Any) -> TrainConfig:
        rows = {"source": str(learned_npz), "train": 0.6, "validation": 0.2, "test": 0.2, **(data or {})}
        values = {"image_size": 32, "layer_scale": 0.1, "batch_size": 8, "epochs": 2, "learning_rate": 0.01}
        chosen = {name: value for name, value in {**values, **changes}.items() if value is not None}
        return TrainConfig(data=rows, **chosen)

    return make


@pytest.fixture
def small_network(small_architecture: Architecture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make "atto" that small network for one test."""
    monkeypatch.setitem(ARCHITECTURES, "atto", small_architecture)
