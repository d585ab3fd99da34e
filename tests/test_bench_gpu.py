"""`make gpu` runs on any machine, small where there is no GPU, and leaves numbers that a program can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bcc.models import ARCHITECTURES
from bench import gpu

ROOT = Path(__file__).resolve().parent.parent


def test_the_command_runs_without_a_gpu(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "BCC_BENCH_OUT": str(out)}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "gpu"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "No GPU is seen" in done.stdout
    found = json.loads(out.read_text())
    assert [one["policy"] for one in found["steps"]] == ["float32", "mixed_bfloat16"]
    for one in found["steps"]:
        assert one["train_per_second"] > 0
        assert one["predict_per_second"] > 0
        assert one["share_of_peak"] > 0
    assert found["curves"]["same"]
    first, last = found["curves"]["losses"]["CPU:0"][0], found["curves"]["losses"]["CPU:0"][-1]
    assert last < first
    assert 0 <= found["inputs"]["waiting"] < 1
    assert set(found["explain"]) == {"gradcam", "occlusion", "recipe heavy"}


def test_what_is_measured_on_a_gpu_covers_sizes_precisions_and_sides() -> None:
    cases = gpu.cases(large=True)
    assert len(set(cases)) == len(cases) == 24
    assert {case[0] for case in cases} == {"atto", "tiny", "base", "large"}
    assert {case[1:3] for case in cases} == {
        (side, policy) for side in (96, 224) for policy in ("float32", "mixed_bfloat16")
    }


@pytest.mark.parametrize(
    ("size", "published"), [("tiny", 4.5), ("small", 8.7), ("base", 15.4), ("large", 34.4)]
)
def test_operations_are_those_of_the_paper(size: str, published: float) -> None:
    """Liu et al. 2022, table 1: multiply-adds at 224 px, in thousand millions; two operations each."""
    assert size in ARCHITECTURES
    assert gpu.forward_flops(size, 224) / 2e9 == pytest.approx(published, rel=0.02)  # type: ignore[arg-type]
