"""Names that say what is special about a run."""

from __future__ import annotations

from typing import Any

import pytest

from bcc.training import TrainConfig, assemble
from bcc.training.config.short_name import short_name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"all": {"epochs": 12}}, "atto, gentle, 12 epochs"),
        ({"all": {"epochs": 1}, "recipe": "none"}, "atto, 1 epoch"),
        ({"weights": "pbc", "all": {"epochs": 2}}, "atto from pbc, gentle, 2 epochs"),
        (
            {
                "weights": "runs/other", "recipe": "heavy", "all": {"epochs": 0}, "head": {"epochs": 3},
                "fine_tune": {"epochs": 3, "trainable_share": 0.4}, "image_size": 64, "seed": 7,
            },
            "atto from other, heavy, head and last 40 %, 64 px, seed 7",
        ),
    ],
)  # fmt: skip
def test_what_is_special_is_said(values: dict[str, Any], name: str) -> None:
    assert short_name(TrainConfig.model_validate({"model": "atto", "weights": "none", **values})) == name


def test_presets_read_well() -> None:
    assert short_name(assemble(preset="quick")) == "atto from pbc, gentle, 2 epochs"
    assert short_name(assemble(preset="robust")) == "atto, heavy, 28 epochs, 64 px"
