"""GPUs that others hold are hidden; on the rest memory grows as it is needed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bcc.models.tensorflow_start import arrange_gpus


class Config:
    """What `tensorflow.config` offers, on a machine with three GPUs."""

    def __init__(self) -> None:
        self.visible: list[str] | None = None
        self.growing: list[str] = []
        self.experimental = SimpleNamespace(set_memory_growth=lambda gpu, grows: self.growing.append(gpu))

    def list_physical_devices(self, kind: str) -> list[str]:
        assert kind == "GPU"
        return ["a", "b", "c"]

    def set_visible_devices(self, gpus: list[str], kind: str) -> None:
        assert kind == "GPU"
        self.visible = gpus


@pytest.mark.parametrize(
    ("hidden", "visible", "growing"),
    [([], None, ["a", "b", "c"]), ([1], ["a", "c"], ["a", "c"]), ([0, 1, 2], [], [])],
)
def test_what_is_held_is_hidden(hidden: list[int], visible: list[str] | None, growing: list[str]) -> None:
    config = Config()
    arrange_gpus(config, hidden)
    assert (config.visible, config.growing) == (visible, growing)
