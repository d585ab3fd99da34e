"""Devices are read from what nvidia-smi prints, and from the machine where it says nothing."""

from __future__ import annotations

import pytest

from bcc.jobs.devices import devices, environment, parse_gpus

TWO = (
    "0, GPU-aa, NVIDIA A100-SXM4-40GB, 40960, 1024, 35\n"
    "1, GPU-bb, NVIDIA A100-SXM4-40GB, 40960, [N/A], [N/A]\n"
    "not a line\n"
)


def test_a_line_a_gpu() -> None:
    first, second = parse_gpus(TWO)
    assert (first.name, first.label, first.memory) == ("gpu0", "NVIDIA A100-SXM4-40GB", 40 * 2**30)
    assert (first.memory_used, first.load, first.index) == (2**30, 0.35, 0)
    assert (second.memory_used, second.load, second.is_gpu) == (0, None, True)


@pytest.mark.parametrize(
    ("visible", "seen"),
    [(None, [0, 1]), ("1", [1]), ("0,1", [0, 1]), ("1,0", [1, 0]),
     ("GPU-bb", [1]), ("", []), ("-1", []), ("-1,0", []),
     ("7,1", []), ("1,7,0", [1])],
)  # fmt: skip
def test_what_cuda_would_see_is_seen(visible: str | None, seen: list[int]) -> None:
    assert [device.index for device in parse_gpus(TWO, visible)] == seen


def test_without_a_gpu_there_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    (cpu,) = devices()
    assert (cpu.name, cpu.is_gpu) == ("cpu", False)
    assert "thread" in cpu.label
    assert 0 < cpu.memory_used < cpu.memory


def test_a_process_sees_its_devices_alone() -> None:
    assert environment(["cpu"])["CUDA_VISIBLE_DEVICES"] == "-1"
    assert environment(("gpu2", "gpu0"))["CUDA_VISIBLE_DEVICES"] == "2,0"
