"""Our ConvNeXt against keras.applications' own, and against PyTorch where it is installed.

Forward pass, training step of everything, training step of the head on a frozen backbone; images a
second, higher is better. The peers take turns within one process.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bcc.models import ARCHITECTURES, ModelOptions, Size
from bench.report import machine, median_seconds, table

SIDE, BATCH, CLASSES = 96, 32, 8
KINDS = ("forward", "train step", "frozen backbone")
Calls = dict[str, Callable[[], object]]


def main(kinds: tuple[str, ...] = KINDS) -> None:
    """Measure atto and tiny, print one table."""
    rows = []
    for size in ("atto", "tiny"):
        peers: dict[str, Calls] = {"BCC": ours(size), "keras.applications": reference(size)}
        if importlib.util.find_spec("torch"):
            from bench.torch_convnext import torch_calls

            peers["PyTorch"] = torch_calls(ARCHITECTURES[size], SIDE, BATCH, CLASSES)
        for kind in kinds:
            seconds = median_seconds({name: calls[kind] for name, calls in peers.items()})
            speed = {name: BATCH / taken for name, taken in seconds.items()}
            row = [size, kind, f"{speed['BCC']:.0f}", f"{speed['keras.applications']:.1f}"]
            row.append(f"{speed['BCC'] / speed['keras.applications']:.1f} x")
            if "PyTorch" in speed:
                row += [f"{speed['PyTorch']:.0f}", f"{speed['BCC'] / speed['PyTorch']:.2f} x"]
            else:
                row += ["not installed", ""]
            rows.append(row)
    header = ["model", "what", "BCC, img/s", "keras.applications, img/s", "ratio", "PyTorch, img/s", "ratio"]
    about = f"{SIDE} px, batch {BATCH}. {machine('tensorflow', 'keras', 'torch')}."
    table("ConvNeXt", header, rows, about)


def ours(size: Size) -> Calls:
    """The three calls on our model; it learns as `bcc.training.loop.train_step` has it learn."""
    from bcc.models.build import build_model
    from bcc.models.fast_gradients import lean

    options = ModelOptions(model=size, weights="none", image_size=SIDE)
    return keras_calls(lambda: build_model(options, CLASSES), "head", lean)


def reference(size: Size) -> Calls:
    """The three calls on keras.applications' model; sizes that it lacks are built by its own function."""
    import keras
    from keras.src.applications.convnext import ConvNeXt

    architecture = ARCHITECTURES[size]

    def build() -> Any:
        features = ConvNeXt(
            depths=list(architecture.depths),
            projection_dims=list(architecture.dims),
            include_top=False,
            weights=None,
            input_shape=(SIDE, SIDE, 3),
            pooling="avg",
            name=f"convnext_{size}",
        )
        outputs = keras.layers.Dense(CLASSES, activation="softmax", name="head")(features.output)
        return keras.Model(features.input, outputs)

    return keras_calls(build, "head")


def keras_calls(
    build: Callable[[], Any], head: str, as_learns: Callable[[Any], Any] = lambda model: model
) -> Calls:
    """Compile the three calls for a Keras model.

    Args:
        build: makes it.
        head: part of the names of its last layers.
        as_learns: gives the model that a training step calls, on the same weights.
    """
    import keras
    import tensorflow as tf

    rng = np.random.default_rng(0)
    images = tf.constant(rng.uniform(0, 255, (BATCH, SIDE, SIDE, 3)), tf.float32)
    labels = tf.one_hot(rng.integers(0, CLASSES, BATCH), CLASSES)

    def train_step(model: Any) -> Callable[[], object]:
        optimizer, learning = keras.optimizers.AdamW(1e-3), as_learns(model)
        optimizer.build(model.trainable_variables)

        @tf.function(autograph=False, jit_compile=False)
        def step() -> Any:
            with tf.GradientTape() as tape:
                loss = keras.losses.categorical_crossentropy(labels, learning(images, training=True))
                loss = tf.reduce_mean(loss)
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
            return loss

        return lambda: step().numpy()

    whole, frozen = build(), build()
    for layer in frozen.layers:
        layer.trainable = any(part in layer.name for part in ("head", "logits"))
    forward = tf.function(lambda: whole(images, training=False), autograph=False, jit_compile=False)
    return {
        "forward": lambda: forward().numpy(),
        "train step": train_step(whole),
        "frozen backbone": train_step(frozen),
    }


if __name__ == "__main__":
    main()
