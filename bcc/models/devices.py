"""What the hardware at hand is good for: XLA, half precision, several GPUs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import tensorflow as tf

Switch = Literal["auto", "on", "off"]
"""`auto` lets the hardware decide."""

HALF_PRECISION_FROM = (8, 0)
"""Compute capability of the first GPUs (Ampere) with units for bfloat16, which needs no loss scaling."""


def compile_with_xla(switch: Switch = "auto") -> bool:
    """Whether to compile with XLA: on a GPU it makes a step faster, on a CPU five times slower."""
    return bool(_gpus()) if switch == "auto" else switch == "on"


def precision_policy(switch: Switch = "auto") -> str:
    """Name of the Keras policy: 'mixed_bfloat16' where the GPU is built for it, 'float32' elsewhere."""
    import tensorflow as tf

    if switch != "auto":
        return "mixed_bfloat16" if switch == "on" else "float32"
    built_for_it = [
        tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
        >= HALF_PRECISION_FROM
        for gpu in _gpus()
    ]
    return "mixed_bfloat16" if built_for_it and all(built_for_it) else "float32"


def mirrored_strategy(switch: Switch = "auto") -> tf.distribute.Strategy | None:
    """A strategy that shares each batch among all GPUs, `None` where one device does the work."""
    import tensorflow as tf

    devices = training_devices()
    if switch == "off" or len(devices) < 2:
        return None
    return tf.distribute.MirroredStrategy(devices)


def training_devices() -> list[str]:
    """Names of the devices that a batch could be shared among: the GPUs that this process sees."""
    return [f"GPU:{number}" for number in range(len(_gpus()))]


def _gpus() -> list[tf.config.PhysicalDevice]:
    import tensorflow as tf

    result: list[tf.config.PhysicalDevice] = tf.config.list_physical_devices("GPU")
    return result
