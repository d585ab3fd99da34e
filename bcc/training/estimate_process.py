"""The process that takes a few steps for `bcc.training.estimate`: config on stdin, JSON on stdout."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from bcc.augment import read_recipe
from bcc.datasets import Dataset, load
from bcc.errors import UserError
from bcc.models.tensorflow_start import start_tensorflow
from bcc.specs import check
from bcc.training.config.phases import Phase
from bcc.training.config.train_config import TrainConfig
from bcc.training.inputs.rows import TRAIN, VALIDATION, Rows, divide

if TYPE_CHECKING:
    import keras

PROBE = 16
"""Images of a measured step at the most; a model of many parameters is probed with fewer."""

REPEATS = 3
"""Measured steps after the one that compiles."""

COPIES = 5
"""Weights, gradients, two moments of Adam, and an average: what a model needs without any image."""

START_AND_END = 15.0
"""Seconds for loading TensorFlow, compiling and the linear model at the end."""


def main() -> None:
    """Measure and print one line of JSON; a `UserError` is printed to stderr with exit status 2."""
    try:
        config = check(TrainConfig, json.load(sys.stdin), "the training config")
        found = measure(config)
    except UserError as error:
        print(f"bcc: {error}", file=sys.stderr)
        sys.exit(2)
    print(json.dumps(found))


def measure(config: TrainConfig) -> dict[str, Any]:
    """Fields of `bcc.training.estimate.Estimate`, with `run_bytes` for the run directory."""
    dataset = load(
        config.data.source,
        classes=config.data.classes,
        preprocessing=config.data.preprocessing,
        layout=config.data.layout,
    )
    rows = divide(dataset, config.data, config.seed)
    start_tensorflow()
    import keras

    from bcc.training.train import build

    keras.utils.set_random_seed(config.seed)
    model = build(config.model_copy(update={"weights": "none"}), len(dataset.class_names))
    free = _memory_free()
    alone = COPIES * 4 * model.count_params()
    if alone > free:
        print(f"{model.count_params():,} parameters alone need {alone / 1e9:.0f} GB", file=sys.stderr)
        sys.exit(1)
    phases = [_phase(model, config, name, phase, dataset, rows) for name, phase in config.phases.items()]
    scoring = len(rows.of(VALIDATION)) * 2 * phases[-1].pop("forward")
    for phase in phases:
        phase.pop("forward", None)
    return {
        "device": _device(),
        "parameters": model.count_params(),
        "train_rows": len(rows.of(TRAIN)),
        "validation_rows": len(rows.of(VALIDATION)),
        "phases": phases,
        "seconds": START_AND_END + scoring + sum(phase["seconds"] for phase in phases),
        "memory_free": free,
        # Checkpoint with two moments and an average, the best model, and the file that replaces either.
        "run_bytes": 4 * model.count_params() * (COPIES - 1 + 2),
    }


def _phase(
    model: keras.Model, config: TrainConfig, name: str, phase: Phase, dataset: Dataset, rows: Rows
) -> dict[str, Any]:
    import numpy as np
    import tensorflow as tf

    from bcc.training.inputs.frozen_features import (
        PLAIN,
        feature_bytes,
        fixed_views,
        uses_feature_cache,
        view_images,
    )
    from bcc.training.inputs.oversampling import rows_an_epoch
    from bcc.training.loop.learner import Learner

    phase_config = config.model_copy(update={"recipe": phase.recipe or config.recipe})
    train, validation = rows.of(TRAIN), rows.of(VALIDATION)
    shown = rows_an_epoch(dataset.labels, train, config)
    batch = min(config.batch_size, shown)
    learner = Learner(model, config, name)
    trunk = learner.cut.trunk
    kept = uses_feature_cache(trunk, phase_config)
    cached = kept and bool(fixed_views(phase_config))
    size = feature_bytes(trunk, phase_config, len(train), len(validation)) if kept and trunk else 0
    if size > config.cache_gigabytes * 1e9:
        kept = cached = False
    probe = min(batch, _probe(model))
    chosen = np.resize(train, probe)
    view = 0 if read_recipe(phase_config.recipe).active else PLAIN
    images_took = _seconds(lambda: view_images(dataset, phase_config, chosen, view)) / probe
    images = view_images(dataset, phase_config, chosen, view)
    labels = tf.one_hot(dataset.labels[chosen], len(dataset.class_names))
    weights = np.ones(probe, np.float32)

    trunk_took = 0.0
    inputs: Any = images
    if trunk is not None:
        call = tf.function(lambda given: trunk(given, training=False), autograph=False)
        trunk_took = _seconds(lambda: call(images)) / probe
        inputs = tf.cast(call(images), tf.float32) if cached else images
    _forget_peak()
    before = _memory_used()
    step = _seconds(lambda: learner.steps.train(inputs, labels, weights, 1e-6, 0, cached)) / probe
    peak = max(_memory_peak(), before)
    score = _seconds(lambda: learner.steps.score(images, labels)) / probe

    learning = 4 * sum(math.prod(v.shape) for v in learner.cut.rest.trainable_variables)
    a_image = max(peak - before - learning, 0) / probe
    steps = phase.epochs * (shown // batch)
    each = batch * (step + (0 if cached else images_took))
    scored = score - trunk_took if kept else score
    validating = phase.epochs * len(validation) * max(scored, 0.0)
    once = (
        size / (4 * math.prod(trunk.output_shape[1:])) * (trunk_took + images_took) if kept and trunk else 0
    )
    return {
        "name": name,
        "steps": steps,
        "seconds_per_step": each,
        "seconds": steps * each + validating + once,
        "cached": cached,
        "feature_bytes": size if kept else 0,
        "memory_bytes": round(before + learning + a_image * batch),
        "forward": score,
    }


def _probe(model: keras.Model) -> int:
    return PROBE if model.count_params() < 60e6 else PROBE // 4


def _seconds(call: Callable[[], object]) -> float:
    """The quickest of a few calls, after one that compiles."""
    call()
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def _gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def _device() -> str:
    import tensorflow as tf

    if not _gpu():
        return f"the processor ({psutil.cpu_count()} threads)"
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return str(details.get("device_name", "the GPU"))


def _memory_free() -> int:
    if not _gpu():
        result: int = psutil.virtual_memory().available
        return result
    import subprocess

    asked = ["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    return int(found[0]) * 2**20 if found else 0


def _memory_used() -> int:
    if _gpu():
        import tensorflow as tf

        return int(tf.config.experimental.get_memory_info("GPU:0")["current"])
    result: int = psutil.Process().memory_info().rss
    return result


def _forget_peak() -> None:
    """Begin to measure the peak anew; where that cannot be, the peak is that of the whole process."""
    if _gpu():
        import tensorflow as tf

        tf.config.experimental.reset_memory_stats("GPU:0")
        return
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _memory_peak() -> int:
    if _gpu():
        import tensorflow as tf

        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return _memory_used()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
