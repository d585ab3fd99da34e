"""What a run will take, before it is launched: time, memory and disk, from a few measured steps.

The steps are taken in a process of their own, with a small batch, so that a model that does not fit takes
down neither the app nor the machine; numbers for the whole batch are drawn from them. What comes out is an
estimate to decide by: expect it within a third of the truth on an idle machine.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from bcc.errors import UserError
from bcc.launch import python
from bcc.paths import data_folder, runs_folder
from bcc.training.config.train_config import TrainConfig

TIMEOUT = 900
"""Seconds after which measuring is given up."""


@dataclass(frozen=True)
class PhaseEstimate:
    """One phase.

    Attributes:
        name: head, fine_tune or all.
        steps: training steps.
        seconds_per_step: measured, scaled to the whole batch.
        seconds: all steps, validation, and computing frozen parts once.
        cached: whether training reads what the frozen part says from disk.
        feature_bytes: disk that this takes.
        memory_bytes: at the most.
    """

    name: str
    steps: int
    seconds_per_step: float
    seconds: float
    cached: bool
    feature_bytes: int
    memory_bytes: int


@dataclass(frozen=True)
class Estimate:
    """A whole run.

    Attributes:
        device: what the steps were measured on.
        parameters: of the model.
        train_rows, validation_rows: images.
        phases: one by one.
        seconds: start, phases and scoring at the end.
        memory_bytes, memory_free: at the most, and what is free on the device now.
        disk_bytes, disk_free: run directory and features, and what is free now.
        warnings: one sentence each; none when all is well.
    """

    device: str
    parameters: int
    train_rows: int
    validation_rows: int
    phases: tuple[PhaseEstimate, ...]
    seconds: float
    memory_bytes: int
    memory_free: int
    disk_bytes: int
    disk_free: int
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def estimate(config: TrainConfig) -> Estimate:
    """Measure a few steps of each phase on the device at hand.

    Takes some seconds for a small model and a minute for a large one.

    Raises:
        UserError: the config or its data are bad.
    """
    done = _measure(config)
    if done.returncode == 2:
        raise UserError(done.stderr.strip().splitlines()[-1].removeprefix("bcc: "))
    try:
        measured = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
    except (ValueError, IndexError):
        measured = None
    if measured is None:
        return _not_measured(config, done.stderr)
    phases = tuple(PhaseEstimate(**phase) for phase in measured.pop("phases"))
    memory = max(phase.memory_bytes for phase in phases)
    features = sum(phase.feature_bytes for phase in phases)
    disk = measured.pop("run_bytes") + features
    free = min(_free(runs_folder()), _free(data_folder())) if features else _free(runs_folder())
    whole = Estimate(
        **measured,
        phases=phases,
        memory_bytes=memory,
        disk_bytes=disk,
        disk_free=free,
        warnings=(),
    )
    return Estimate(**{**_shallow(whole), "warnings": _warnings(whole, config)})


def _measure(config: TrainConfig) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            python("bcc.training.estimate_process"),
            input=config.model_dump_json(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(
            f"Measuring took longer than {TIMEOUT // 60} minutes: the model or the images are too large "
            "for this machine."
        ) from error


def _shallow(whole: Estimate) -> dict[str, Any]:
    return {name: getattr(whole, name) for name in whole.__dataclass_fields__}


def _warnings(found: Estimate, config: TrainConfig) -> tuple[str, ...]:
    said = []
    if found.memory_bytes > found.memory_free:
        said.append(
            f"It needs about {found.memory_bytes / 1e9:.1f} GB of memory and {found.device} has "
            f"{found.memory_free / 1e9:.1f} GB free: choose a smaller batch_size with accumulate, a smaller "
            "image_size or a smaller model."
        )
    if found.disk_bytes > found.disk_free:
        said.append(
            f"It needs about {found.disk_bytes / 1e9:.1f} GB of disk and {found.disk_free / 1e9:.1f} GB are "
            "free: make room, or set cache to off."
        )
    if config.batch_size > found.train_rows:
        said.append(
            f"batch_size {config.batch_size} is larger than the {found.train_rows:,} training rows: each "
            "step takes them all."
        )
    features = sum(phase.feature_bytes for phase in found.phases)
    if features > config.cache_gigabytes * 1e9:
        said.append(
            f"What the frozen part says takes {features / 1e9:.1f} GB, more than cache_gigabytes allows: it "
            "is computed in every epoch."
        )
    return tuple(said)


def _not_measured(config: TrainConfig, why: str) -> Estimate:
    """The measuring process died: of memory, most likely."""
    last = why.strip().splitlines()[-1][:200] if why.strip() else "it was killed, out of memory most likely"
    return Estimate(
        device="this machine",
        parameters=0,
        train_rows=0,
        validation_rows=0,
        phases=(),
        seconds=float("nan"),
        memory_bytes=0,
        memory_free=psutil.virtual_memory().available,
        disk_bytes=0,
        disk_free=_free(runs_folder()),
        warnings=(
            f"Even a small batch of {config.model} at {config.image_size} px could not be measured here "
            f"({last}): choose a smaller model or image_size.",
        ),
    )


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
