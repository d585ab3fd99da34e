"""Two logical CPU devices stand in for two GPUs: the same losses as one device on the same global batch."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from bcc.paths import PROJECT

TRAINED = """
    import json
    import numpy as np
    import tensorflow as tf

    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)

    from contextlib import nullcontext
    import keras
    from bcc.models import ARCHITECTURES, Architecture, devices
    from bcc.models.build import build_model
    from bcc.training import TrainConfig
    from bcc.training.loop.learner import Learner

    ARCHITECTURES["atto"] = Architecture((1, 1, 1, 1), (8, 16, 24, 32), 0.03, False)
    devices.training_devices = lambda: ["CPU:0", "CPU:1"]
    config = TrainConfig(
        image_size=32, layer_scale=0.1, hidden_layers=[16], l2=1e-3, accumulate=2, clip_norm=0.5,
        average_weights=0.9, layer_decay=0.7, fine_tune={"epochs": 1, "trainable_share": 0.5},
        all={"epochs": 1},
    )
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (6, 7, 32, 32, 3)).astype(np.float32)
    labels = np.eye(4, dtype=np.float32)[rng.integers(0, 4, (6, 7))]
    weights = rng.uniform(0.5, 2, (6, 7)).astype(np.float32)
    found = {}
    for name in ("one", "two"):
        strategy = devices.mirrored_strategy("on" if name == "two" else "off")
        keras.utils.set_random_seed(1)
        with strategy.scope() if strategy else nullcontext():
            model = build_model(config, 4)
        losses = []
        for phase in ("fine_tune", "all"):
            learner = Learner(model, config, phase, strategy)
            for step in range(6):
                batch = images[step], labels[step], weights[step]
                losses.append(learner.steps.train(*batch, 0.01, step))
            with learner.average.in_place():
                loss, _ = learner.steps.score(images[0], labels[0])
            losses.append([float(value) for value in loss[:2]])
        found[name] = losses
    print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, list[list[float]]]:
    """(loss, accuracy) of every step of two phases, a batch of 7 that does not divide by 2."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(TRAINED)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_two_devices_learn_as_one(found: dict[str, list[list[float]]]) -> None:
    np.testing.assert_allclose(found["two"], found["one"], atol=1e-4)


def test_something_was_learned(found: dict[str, list[list[float]]]) -> None:
    """Losses that never moved would agree whatever the code does."""
    losses = np.array(found["one"])[:6, 0]
    assert np.ptp(losses) > 1e-2
