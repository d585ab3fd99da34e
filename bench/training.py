"""What training costs: a step against peers, and epochs with frozen parts kept against without.

The head's epoch, and that of a fine-tune phase, are run over and over on the same images by the very loop
that trains; kept and not kept take turns within one process.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from typing import Any

import numpy as np

from bench.report import machine, table

SIDE, BATCH, ROWS = 96, 32, 512
TURNS = 3


def main() -> None:
    """Print the table of steps, of epochs, and of two what-ifs."""
    from bench import convnext

    convnext.main(kinds=("train step",))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BCC_DATA"] = os.environ["BCC_RUNS"] = folder
        epochs(Path(folder))
        what_ifs(Path(folder))


def images(folder: Path) -> Path:
    """A set of `ROWS` training images and half as many to validate and test on."""
    rng = np.random.default_rng(0)
    path = folder / "images.npz"
    rows = ROWS + ROWS // 8
    images = rng.integers(0, 256, (rows, SIDE, SIDE, 3), dtype=np.uint8)
    split = np.repeat(np.array([0, 1], np.int8), [ROWS, rows - ROWS])
    np.savez(path, images=images, labels=np.arange(rows) % 8, split=split)
    return path


def epochs(folder: Path) -> None:
    """Seconds an epoch of a phase, steps alone, with the frozen part kept and without."""
    rows: list[list[str]] = []
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("head", "head", {}),
        ("last 25 %", "fine_tune", {"trainable_share": 0.25}),
        ("last 40 %", "fine_tune", {"trainable_share": 0.4}),
    ]
    for title, phase, more in cases:
        fits = {cache: fit(folder, phase, cache, more) for cache in ("off", "on")}
        taken: dict[str, list[float]] = {"off": [], "on": []}
        for turn in range(TURNS + 1):
            for cache, one in fits.items():
                begun = time.perf_counter()
                one.state.phase_step = turn * one.steps_per_epoch
                for step, batch in enumerate(one._batches(one.state.phase_step, len(one.plan.rows))):
                    one._record_step(*one._train_step(*batch))
                    if step + 1 == one.steps_per_epoch:
                        break
                if turn:
                    taken[cache].append(time.perf_counter() - begun)
        without, kept = min(taken["off"]), min(taken["on"])
        rows.append([title, f"{without:.2f} s", f"{kept:.3f} s", f"{without / kept:.1f} x"])
        for one in fits.values():
            one.writer.close()
    header = ["what learns", "frozen part in every epoch", "kept", "ratio"]
    about = (
        f"Atto, {SIDE} px, batch {BATCH}, {ROWS} images, an epoch without validation, the best of {TURNS}."
    )
    table(
        "Epochs with frozen parts computed once", header, rows, f"{about} {machine('tensorflow', 'keras')}."
    )


def fit(folder: Path, phase: str, cache: str, more: dict[str, Any]) -> Any:
    """A `Trainer` that is ready to take steps of one phase."""
    import keras

    from bcc.datasets import load
    from bcc.runs import Run, RunState
    from bcc.training import TrainConfig
    from bcc.training.inputs.rows import divide
    from bcc.training.loop.trainer import Trainer
    from bcc.training.records.run_writer import RunWriter
    from bcc.training.train import build

    phases: dict[str, dict[str, Any]] = {name: {"epochs": 0} for name in ("head", "fine_tune", "all")}
    phases[phase] = {"epochs": TURNS + 1, **more}
    source = str(images(folder)) if not (folder / "images.npz").exists() else str(folder / "images.npz")
    config = TrainConfig.model_validate(
        {
            "data": {"source": source},
            "image_size": SIDE,
            "batch_size": BATCH,
            "recipe": "none",
            "cache": cache,
            **phases,
        }
    )
    dataset = load(source)
    run = Run(folder / f"{phase}-{cache}-{time.time_ns()}")
    run.folder.mkdir()
    keras.utils.set_random_seed(0)
    writer = RunWriter(run, RunState("running").mine())
    made = Trainer(writer, config, dataset, divide(dataset, config.data, 0), build(config, 8))
    made._enter_phase()
    return made


def what_ifs(folder: Path) -> None:
    """Two runs on the same frozen backbone: what if the head learned faster?"""
    from bcc.models.build import build_model
    from bcc.models.saving import save_model
    from bcc.training import TrainConfig
    from bcc.training.train import start

    start_weights = folder / "backbone.keras"
    base = {
        "data": {"source": str(folder / "images.npz")},
        "image_size": SIDE,
        "batch_size": BATCH,
        "recipe": "none",
    }
    save_model(build_model(TrainConfig.model_validate(base), 8), start_weights)
    rows = []
    for number, rate in enumerate((1e-3, 3e-3), start=1):
        head = {"epochs": 10, "learning_rate": rate}
        config = TrainConfig.model_validate({**base, "weights": str(start_weights), "head": head})
        begun = time.perf_counter()
        run = start(config, folder / f"what-if-{number}")
        whole = time.perf_counter() - begun
        log = run.log.read_text()
        extracted = "computed once" in log
        rows.append(
            [
                str(number),
                "computed" if extracted else "found",
                f"{_phase_seconds(run):.1f} s",
                f"{whole:.1f} s",
            ]
        )
    header = ["what-if", "frozen part", "10 epochs of the head, with it", "whole run"]
    table(
        "The second what-if",
        header,
        rows,
        f"Atto, {SIDE} px, {ROWS} images; the whole run ends with the linear model.",
    )


def _phase_seconds(run: Any) -> float:
    """From the beginning of the phase to the end of its last epoch."""
    return float(run.read_history()["seconds"].iloc[-1])


if __name__ == "__main__":
    main()
