"""What there is to train on: each GPU, or the CPU where there is none; found without TensorFlow.

NVIDIA's own `nvidia-smi` is asked; where it does not answer there is no GPU. `CUDA_VISIBLE_DEVICES` is
obeyed, as every program that uses CUDA obeys it.
"""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

_QUERY = "index,uuid,name,memory.total,memory.used,utilization.gpu"


@dataclass(frozen=True)
class Device:
    """One thing that one job at a time trains on.

    Attributes:
        name: "cpu", or "gpu0" and so on, counted as nvidia-smi counts.
        label: what it is, for a person: "NVIDIA A100-SXM4-40GB", "AMD EPYC 7B13, 2 threads".
        memory: bytes in all.
        memory_used: bytes in use now, by anyone.
        load: share of it that is busy now, 0..1; `None` where it is not known.
    """

    name: str
    label: str
    memory: int
    memory_used: int = 0
    load: float | None = None

    @property
    def is_gpu(self) -> bool:
        """Whether it is a GPU."""
        return self.name.startswith("gpu")

    @property
    def index(self) -> int:
        """The GPU's number."""
        return int(self.name.removeprefix("gpu"))


def devices() -> list[Device]:
    """Every GPU that may be used, or else the CPU, with memory and load as they are at this moment."""
    return _gpus() or [_cpu()]


@cache
def device_names() -> tuple[str, ...]:
    """Names of the devices, asked once: hardware stays."""
    return tuple(device.name for device in devices())


def environment(names: tuple[str, ...] | list[str]) -> dict[str, str]:
    """What a process must find in its environment to see these devices alone."""
    indices = [name.removeprefix("gpu") for name in names if name != "cpu"]
    # Without this order CUDA counts the fastest first and nvidia-smi by the slot.
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": ",".join(indices) or "-1"}


def _gpus() -> list[Device]:
    try:
        answer = subprocess.run(
            ["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return parse_gpus(answer.stdout, os.environ.get("CUDA_VISIBLE_DEVICES")) if not answer.returncode else []


def parse_gpus(answer: str, visible: str | None = None) -> list[Device]:
    """Read a table of nvidia-smi.

    Args:
        answer: a line a GPU: index, UUID, name, MiB in all, MiB in use, busy %.
        visible: the value of CUDA_VISIBLE_DEVICES; `None` where it is not set.

    Returns:
        The GPUs in the order in which a program sees them.
    """
    found: list[Device] = []
    names: dict[str, str] = {}
    for line in answer.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) != 6 or not parts[0].isdigit():
            continue
        index, uuid, label, memory, used, busy = parts
        names |= {index: f"gpu{index}", uuid: f"gpu{index}"}
        load = int(busy) / 100 if busy.isdigit() else None
        found.append(Device(f"gpu{index}", label, _mebibytes(memory), _mebibytes(used), load))
    if visible is None:
        return found
    wanted = []
    for one in visible.split(","):
        # As in CUDA: what comes after a name that does not exist is not seen.
        if one.strip() not in names:
            break
        wanted.append(names[one.strip()])
    by_name = {device.name: device for device in found}
    return [by_name[name] for name in wanted]


def _mebibytes(text: str) -> int:
    return int(text) * 2**20 if text.isdigit() else 0


def _cpu() -> Device:
    memory = psutil.virtual_memory()
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    label = f"{_processor()}, {threads} thread{'s' if threads != 1 else ''}"
    # Since the last time that it was asked; nothing the first time.
    return Device("cpu", label, memory.total, memory.total - memory.available, psutil.cpu_percent() / 100)


@cache
def _processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "CPU"
