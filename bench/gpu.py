"""One command for a machine with GPUs: what it is, how fast it trains, and whether it computes the same.

`python -m bench gpu` or `make gpu`; ten minutes at most. Prints tables for docs/performance.md and writes
`gpu.json`. Without a GPU everything runs small on the CPU, so that the command itself can be tried anywhere;
such numbers say nothing about a GPU, and the output says so.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bcc.models import ARCHITECTURES, Size
from bench.report import machine, table

MINUTES = 9.0
"""After which nothing new is begun."""
CLASSES = 8
Case = tuple[Size, int, str, bool]
"""Size of the network, side in px, precision policy, whether XLA compiles."""


def main() -> None:
    """Measure, print, and write `gpu.json` into the folder that the command is started in."""
    found = measure()
    out = Path(os.environ.get("BCC_BENCH_OUT", "gpu.json"))
    out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"Written: {out}")


def measure(minutes: float = MINUTES) -> dict[str, Any]:
    """Everything, as JSON can hold it; tables are printed as they come."""
    import tensorflow as tf

    until = time.monotonic() + 60 * minutes
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    found: dict[str, Any] = {
        "machine": machine("tensorflow", "keras"),
        "gpus": [dict(tf.config.experimental.get_device_details(gpu)) for gpu in gpus],
        "driver": _driver(),
    }
    if not gpus:
        print("No GPU is seen: everything runs small on the CPU, to try the command itself.")
    found["peaks"] = peaks(large=bool(gpus))
    found["steps"] = steps(bool(gpus), found["peaks"], until)
    found["curves"] = curves(gpus)
    found["inputs"] = inputs(bool(gpus), until)
    found["several"] = several(gpus, until)
    found["explain"] = explaining(bool(gpus))
    found["preset"] = preset_epoch(gpus, until)
    return found


def _waited_for(product: Callable[[Any], Any], one: Any) -> None:
    """A GPU answers at once and works on; its number is there when the work is done."""
    product(one).numpy()


def _driver() -> str:
    """What nvidia-smi says of the driver, "" without it."""
    if shutil.which("nvidia-smi") is None:
        return ""
    asked = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def peaks(large: bool) -> dict[str, float]:
    """Operations a second of one large matrix product, which is what a step can be compared with."""
    import tensorflow as tf

    side = 8192 if large else 768
    rows, reached = [], {}
    for name in ("float32", "bfloat16"):
        one = tf.cast(tf.random.stateless_normal((side, side), (0, 1)), name)
        product = tf.function(lambda a: tf.matmul(a, a)[0, 0], autograph=False)
        seconds = _seconds(partial(_waited_for, product, one), 5)
        reached[name] = 2 * side**3 / seconds
        rows.append([name, f"{reached[name] / 1e12:.3f}"])
    table("Matrix product", ["precision", "TFLOP/s"], rows, f"{side} x {side}. {machine('tensorflow')}.")
    return reached


def cases(large: bool) -> list[Case]:
    """What is measured, the most telling first; on a CPU a little of each kind."""
    if not large:
        return [("atto", 32, "float32", False), ("atto", 32, "mixed_bfloat16", False)]
    sizes: tuple[Size, ...] = ("atto", "tiny", "base", "large")
    policies = ("mixed_bfloat16", "float32")
    made: list[Case] = [(size, 96, policy, True) for policy in policies for size in sizes]
    made += [(size, 96, policy, False) for policy in policies for size in sizes]
    made += [(size, 224, policy, True) for policy in policies for size in sizes]
    return made


def steps(large: bool, peak: dict[str, float], until: float) -> list[dict[str, Any]]:
    """Training step and prediction, images a second, memory, and the share of the matrix product's speed.

    float16 with loss scaling is no mode of training here, so that it is not measured.
    """
    rows, found = [], []
    for size, side, policy, xla in cases(large):
        if time.monotonic() > until:
            rows.append([size, str(side), policy, str(xla), "no time left", "", "", ""])
            continue
        batch = _batch(size, side) if large else 8
        one: dict[str, Any] = dict(_step_speed(size, side, policy, xla, batch))
        flops = 3 * forward_flops(size, side) * one["train_per_second"]
        name = "bfloat16" if policy == "mixed_bfloat16" else "float32"
        one |= {"model": size, "side": side, "policy": policy, "xla": xla, "batch": batch}
        one["share_of_peak"] = flops / peak[name]
        found.append(one)
        rows.append(
            [
                size, str(side), policy, "yes" if xla else "no", f"{one['train_per_second']:.0f}",
                f"{one['predict_per_second']:.0f}", f"{one['megabytes']:.0f}", f"{one['share_of_peak']:.0%}",
            ]
        )  # fmt: skip
    header = [
        "model",
        "px",
        "precision",
        "XLA",
        "train, img/s",
        "predict, img/s",
        "peak MB",
        "of the product",
    ]
    about = f"Everything learns, AdamW; the step that `bcc train` takes. {machine('tensorflow', 'keras')}."
    table("Training steps", header, rows, about)
    return found


def _batch(size: Size, side: int) -> int:
    """A batch that keeps a card busy and fits into 16 GB."""
    usual = {"atto": 512, "tiny": 256, "base": 128, "large": 64}.get(size, 128)
    return max(usual if side <= 96 else usual // 4, 8)


def _step_speed(size: Size, side: int, policy: str, xla: bool, batch: int) -> dict[str, float]:
    import tensorflow as tf

    with _policy(policy):
        learner, images, labels, weights = _learner(size, side, batch, "on" if xla else "off")
        _reset_memory()
        learner.steps.train(images, labels, weights, 1e-4, 0)
        train = _seconds(lambda: learner.steps.train(images, labels, weights, 1e-4, 1), 5)
        predict = tf.function(lambda one: learner.model(one, training=False), autograph=False)
        forward = _seconds(lambda: predict(images).numpy(), 5)
        used = _peak_memory()
    _forget()
    return {"train_per_second": batch / train, "predict_per_second": batch / forward, "megabytes": used}


def curves(gpus: list[Any]) -> dict[str, Any]:
    """The same twenty steps on a CPU and on a GPU; twice on the CPU where there is none."""
    import tensorflow as tf

    losses = {}
    for name in ("CPU:0", "GPU:0" if gpus else "CPU:0 again"):
        with tf.device(name.removesuffix(" again")), _policy("float32"):
            learner, images, labels, weights = _learner("atto", 48, 32, "off")
            losses[name] = [learner.steps.train(images, labels, weights, 1e-3, step)[0] for step in range(20)]
        _forget()
    one, other = (np.array(values) for values in losses.values())
    apart = float(np.abs(one - other).max() / np.abs(one).max())
    rows = [[name, f"{values[0]:.4f}", f"{values[-1]:.4f}"] for name, values in losses.items()]
    verdict = f"Largest difference {apart:.1e} of the loss; below 2e-2 counts as the same."
    table("The same losses", ["device", "first", "after 20 steps"], rows, verdict)
    return {"losses": losses, "apart": apart, "same": apart < 2e-2}


def inputs(large: bool, until: float) -> dict[str, Any]:
    """The share of an epoch that steps wait for their batches, with a heavy recipe made while they run."""
    if time.monotonic() > until:
        return {}
    rows, side, batch = (4096, 96, 256) if large else (96, 32, 16)
    with _own_folders() as folder:
        trainer = _trainer(folder, rows, side, batch)
        waited = worked = 0.0
        for turn in range(2):
            trainer.state.phase_step = turn * trainer.steps_per_epoch
            batches = iter(trainer._batches(trainer.state.phase_step, len(trainer.plan.rows)))
            for _ in range(trainer.steps_per_epoch):
                begun = time.perf_counter()
                one = next(batches)
                got = time.perf_counter()
                trainer._record_step(*trainer._train_step(*one))
                if turn:
                    waited, worked = waited + got - begun, worked + time.perf_counter() - got
        trainer.writer.close()
    _forget()
    share = waited / (waited + worked)
    about = f"Atto, {side} px, batch {batch}, recipe heavy, {rows} images, the second epoch."
    table(
        "Waiting for batches",
        ["waiting", "images a second"],
        [[f"{share:.0%}", f"{rows / (waited + worked):.0f}"]],
        about,
    )
    return {"waiting": share, "images_per_second": rows / (waited + worked)}


def several(gpus: list[Any], until: float) -> dict[str, Any]:
    """Two GPUs against one, each with the batch that one alone has."""
    import tensorflow as tf

    if len(gpus) < 2 or time.monotonic() > until:
        print(f"\n{len(gpus)} GPU: two are not compared with one.")
        return {}
    speed = {}
    for count in (1, 2):
        strategy = tf.distribute.MirroredStrategy([f"GPU:{place}" for place in range(count)])
        batch = 256 * count
        learner, images, labels, weights = _learner("tiny", 96, batch, "off", strategy)
        learner.steps.train(images, labels, weights, 1e-4, 0)
        taken = _seconds(partial(learner.steps.train, images, labels, weights, 1e-4, 1), 5)
        speed[count] = batch / taken
        _forget()
    rows = [[str(count), f"{value:.0f}", f"{value / speed[1]:.2f} x"] for count, value in speed.items()]
    table("Several GPUs", ["GPUs", "img/s", "against one"], rows, "Tiny, 96 px, 256 images for each GPU.")
    return {str(count): value for count, value in speed.items()}


def explaining(large: bool) -> dict[str, float]:
    """Saliency and augmentation, images a second, where TensorFlow puts them."""
    import tensorflow as tf

    from bcc.augment import image_keys, read_recipe
    from bcc.explain import Explainer
    from bcc.models import ModelOptions
    from bcc.models.build import build_model

    side, batch = (96, 64) if large else (32, 8)
    images = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), np.uint8)
    model = build_model(ModelOptions(model="atto", weights="none", image_size=side), CLASSES)
    found = {}
    for method in ("gradcam", "occlusion"):
        explainer = Explainer(model, None, method)
        classes = np.zeros(batch, np.int64)
        found[method] = batch / _seconds(partial(explainer, images, classes), 2)
    augment = tf.function(read_recipe("heavy").apply, autograph=False, jit_compile=False)
    parts = (
        tf.cast(images, tf.float32),
        tf.one_hot(np.zeros(batch, np.int32), CLASSES),
        image_keys(0, 0, np.arange(batch)),
    )
    found["recipe heavy"] = batch / _seconds(lambda: augment(*parts)[0].numpy(), 3)
    rows = [[name, f"{value:.0f}"] for name, value in found.items()]
    table("Saliency and augmentation", ["what", "img/s"], rows, f"Atto, {side} px, batch {batch}.")
    _forget()
    return found


def preset_epoch(gpus: list[Any], until: float) -> dict[str, float]:
    """An epoch of the course's largest preset on made images: what it takes, and whether it fits."""
    if not gpus or time.monotonic() > until:
        print("\nThe preset convnext-large is measured on a GPU only.")
        return {}
    from bcc.training import read_preset

    wanted = read_preset("convnext-large")["config"]
    batch = int(wanted["batch_size"])
    result = _step_speed("large", int(wanted["image_size"]), "mixed_bfloat16", True, batch)
    seconds = 8_255 / result["train_per_second"]
    row = [f"{result['train_per_second']:.0f}", f"{seconds:.0f} s", f"{result['megabytes']:.0f}"]
    about = f"Everything learns, batch {batch}; an epoch of the course's 60 % of 13,759 images."
    table("The preset convnext-large", ["img/s", "an epoch", "peak MB"], [row], about)
    return result | {"epoch_seconds": seconds}


def forward_flops(size: Size, side: int) -> float:
    """Multiplications and additions of one image's way through the network, those of norms left out."""
    architecture = ARCHITECTURES[size]
    place, before, total = side / 4, 3, 0.0
    for stage, (depth, width) in enumerate(zip(architecture.depths, architecture.dims, strict=True)):
        place = place if stage == 0 else place / 2
        patch = 16 if stage == 0 else 4
        total += place**2 * patch * before * width
        total += depth * place**2 * (49 * width + 8 * width**2)
        before = width
    return 2 * total


def _learner(size: Size, side: int, batch: int, xla: str, strategy: Any = None) -> tuple[Any, Any, Any, Any]:
    """What learns in a run, ready to take steps, and a batch for it."""
    import keras
    import tensorflow as tf

    from bcc.models.build import build_model
    from bcc.training import TrainConfig
    from bcc.training.loop.learner import Learner

    keras.utils.set_random_seed(0)
    config = TrainConfig.model_validate(
        {
            "model": size,
            "weights": "none",
            "image_size": side,
            "batch_size": batch,
            "xla": xla,
            "all": {"epochs": 1},
        }
    )
    if strategy is None:
        model = build_model(config, CLASSES)
    else:
        with strategy.scope():
            model = build_model(config, CLASSES)
    rng = np.random.default_rng(0)
    images = tf.constant(rng.uniform(0, 255, (batch, side, side, 3)), tf.float32)
    labels = tf.one_hot(rng.integers(0, CLASSES, batch), CLASSES)
    return Learner(model, config, "all", strategy), images, labels, tf.ones(batch)


def _trainer(folder: Path, rows: int, side: int, batch: int) -> Any:
    """A run's own loop on made images."""
    import keras

    from bcc.datasets import load
    from bcc.runs import Run, RunState
    from bcc.training import TrainConfig
    from bcc.training.inputs.rows import divide
    from bcc.training.loop.trainer import Trainer
    from bcc.training.records.run_writer import RunWriter
    from bcc.training.train import build

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (rows + rows // 8, side, side, 3), dtype=np.uint8)
    split = np.repeat(np.array([0, 1], np.int8), [rows, rows // 8])
    np.savez(folder / "images.npz", images=images, labels=np.arange(len(images)) % CLASSES, split=split)
    config = TrainConfig.model_validate(
        {
            "data": {"source": str(folder / "images.npz")},
            "weights": "none",
            "image_size": side,
            "batch_size": batch,
            "recipe": "heavy",
            "all": {"epochs": 3},
        }
    )
    dataset = load(config.data.source)
    run = Run(folder / "run")
    run.folder.mkdir()
    keras.utils.set_random_seed(0)
    writer = RunWriter(run, RunState("running").mine())
    made = Trainer(writer, config, dataset, divide(dataset, config.data, 0), build(config, CLASSES))
    made._enter_phase()
    return made


@contextmanager
def _own_folders() -> Iterator[Path]:
    """Data and runs in a folder that is gone afterwards."""
    before = {name: os.environ.get(name) for name in ("BCC_DATA", "BCC_RUNS")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BCC_DATA"] = os.environ["BCC_RUNS"] = folder
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@contextmanager
def _policy(name: str) -> Iterator[None]:
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _seconds(call: Callable[[], object], repeats: int) -> float:
    """The best of some calls, after one that is not counted."""
    call()
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def _reset_memory() -> None:
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.reset_memory_stats("GPU:0")


def _peak_memory() -> float:
    """Megabytes: of the card, else of this process."""
    import psutil
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return float(tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e6)
    return float(psutil.Process().memory_info().rss / 1e6)


def _forget() -> None:
    import keras

    keras.utils.clear_session()
    gc.collect()


if __name__ == "__main__":
    main()
