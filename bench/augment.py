"""Augmentations and presets in `tf.data`, images a second, ours beside keras-cv, Keras and albumentations.

Batch 64, 96 px, two threads. Peers take turns within one process, some batches at a time; a pipeline is at
rest while another has its turn, and is timed once it runs. The last table sets the presets against a train
step of atto, which they must never starve.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bcc.augment import PRESETS, Recipe, Step, catalogue, image_keys, read_recipe
from bench.report import machine, table

SIDE, BATCH, CLASSES, REPEATS = 96, 64, 8, 5
BURST = 6
"""Batches that are timed in a turn."""
AHEAD = 3
"""Batches that are taken before: as many as a pipeline may have made while another was timed, and one."""
REST = 0.1
"""Seconds to wait after a turn, besides those in which the pipeline makes what it makes ahead."""
Peers = dict[str, Callable[[], Any]]
PEER_NAMES = ("keras-cv", "Keras", "albumentations")


def main() -> None:
    """Measure every augmentation and preset, print two tables."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.threading.set_inter_op_parallelism_threads(2)
    images = np.random.default_rng(0).integers(0, 256, (BATCH, SIDE, SIDE, 3)).astype(np.float32)
    rows = []
    for name, kind in catalogue().items():
        recipe = Recipe(steps=(Step(augmentation=kind()),))
        calls = {"BCC": ours(recipe, images), **peers(name, images)}
        speeds = {peer: BATCH / taken for peer, taken in seconds_a_batch(calls).items()}
        row = [name, f"{speeds['BCC']:,.0f}"]
        for peer in PEER_NAMES:
            row += (
                [f"{speeds[peer]:,.0f}", f"{speeds['BCC'] / speeds[peer]:.1f} x"]
                if peer in speeds
                else ["", ""]
            )
        rows.append(row)
    header = ["augmentation", "BCC"]
    for peer in PEER_NAMES:
        header += [peer, "ratio"]
    about = f"{SIDE} px, batch {BATCH}, `tf.data`, two batches at a time (albumentations: one thread). "
    if not importlib.util.find_spec("albumentations"):
        about += "albumentations is not installed: its column stays empty. "
    about += f"{machine('tensorflow', 'keras', 'keras-cv', 'albumentations')}."
    table("Augmentations, img/s", header, rows, about)
    presets(images)


def presets(images: np.ndarray) -> None:
    """Presets beside a train step of atto, which takes its turns among them."""
    from bench.convnext import BATCH as TRAINED
    from bench.convnext import ours as model_calls

    calls: Peers = {name: ours(read_recipe(name), images) for name in PRESETS}
    calls["atto"] = model_calls("atto")["train step"]
    seconds = seconds_a_batch(calls)
    step = TRAINED / seconds.pop("atto")
    rows = [
        [f"`{name}`", f"{BATCH / taken:,.0f}", f"{BATCH / taken / step:.1f} x"]
        for name, taken in seconds.items()
    ]
    about = f"A train step of atto (batch {TRAINED}) makes {step:.0f} img/s in the same run."
    table("Presets, img/s", ["preset", "img/s", "against an atto train step"], rows, about)


def seconds_a_batch(calls: Peers) -> dict[str, float]:
    """Median time of a batch; the calls take turns, and none works while another is timed."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(REPEATS + 1):
        for name, call in calls.items():
            for _ in range(AHEAD):
                call()
            start = time.perf_counter()
            for _ in range(BURST):
                call()
            taken = (time.perf_counter() - start) / BURST
            if turn:
                times[name].append(taken)
            time.sleep(REST + AHEAD * taken)
    return {name: statistics.median(values) for name, values in times.items()}


def ours(recipe: Recipe, images: np.ndarray) -> Callable[[], Any]:
    """The next batch of an endless `tf.data` pipeline with one recipe."""
    import tensorflow as tf

    labels = np.eye(CLASSES, dtype=np.float32)[np.arange(BATCH) % CLASSES]
    keys = np.stack([image_keys(0, epoch, np.arange(BATCH)) for epoch in range(REPEATS + 1)])
    tensors, answers = tf.constant(images), tf.constant(labels)

    def change(its_keys: Any) -> Any:
        return recipe.apply(tensors, answers, its_keys)

    return endless(tf.data.Dataset.from_tensor_slices(keys).repeat().map(change, num_parallel_calls=2))


def endless(pipeline: Any) -> Callable[[], Any]:
    """Take the next batch of a pipeline, which makes no more than two ahead.

    Left to itself, `tf.data` makes many while another one has its turn, and they would cost nothing.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.inject_prefetch = False
    batches: Iterator[Any] = iter(pipeline.with_options(options))
    return lambda: next(batches)


def peers(name: str, images: np.ndarray) -> Peers:
    """The same step by others, where they have it."""
    import tensorflow as tf

    found: Peers = {}
    for peer, make in (("keras-cv", keras_cv_layer), ("Keras", keras_layer)):
        layer = make(name)
        if layer is None:
            continue
        inputs: Any = tf.constant(images)
        if name in ("cutmix", "mixup"):
            labels = tf.one_hot(tf.range(BATCH) % CLASSES, CLASSES)
            inputs = {"images": inputs, "labels": labels}
        endless_inputs = tf.data.Dataset.from_tensors(inputs).repeat()
        found[peer] = endless(
            endless_inputs.map(lambda given, layer=layer: layer(given, training=True), num_parallel_calls=2)
        )
    if importlib.util.find_spec("albumentations"):
        transform = albumentations_transform(name)
        if transform is not None:
            plain = images.astype(np.uint8)
            found["albumentations"] = lambda: [transform(image=image) for image in plain]
    return found


def keras_cv_layer(name: str) -> Any:
    """keras-cv's layer for one of our augmentations, `None` where it has none that works."""
    from keras_cv import layers as cv

    whole = (0, 255)
    made: dict[str, Callable[[], Any]] = {
        "rand_augment": lambda: cv.RandAugment(whole, augmentations_per_image=2),
        "aug_mix": lambda: cv.AugMix(whole),
        "cutmix": lambda: cv.CutMix(),
        "mixup": lambda: cv.MixUp(),
        "grid_mask": lambda: cv.GridMask(),
        "cutout": lambda: cv.RandomCutout(0.35, 0.35),
        "flips": lambda: cv.RandomFlip("horizontal_and_vertical"),
        "rotation": lambda: cv.RandomRotation(0.5),
        "zoom": lambda: cv.RandomZoom((-0.3, 0.3)),
        "shear": lambda: cv.RandomShear(0.25, 0.25),
        "translation": lambda: cv.RandomTranslation(0.15, 0.15),
        "random_crop": lambda: cv.RandomCropAndResize((SIDE, SIDE), (0.5, 1.0), (1.0, 1.0)),
        "brightness": lambda: cv.RandomBrightness(0.4),
        "contrast": lambda: cv.RandomContrast(whole, 0.4),
        "saturation": lambda: cv.RandomSaturation((0.3, 0.7)),
        "hue": lambda: cv.RandomHue(0.1, whole),
        "colour_jitter": lambda: cv.RandomColorJitter(whole, 0.4, 0.4, 0.4, 0.1),
        "colour_degeneration": lambda: cv.RandomColorDegeneration((0, 0.8)),
        "channel_shift": lambda: cv.RandomChannelShift(whole, 0.15),
        "autocontrast": lambda: cv.AutoContrast(whole),
        "equalise": lambda: cv.Equalization(whole),
        "posterise": lambda: cv.Posterization(whole, 3),
        "solarise": lambda: cv.Solarization(whole, threshold_factor=(128, 255)),
        "sharpness": lambda: cv.RandomSharpness(0.9, whole),
        "gaussian_blur": lambda: cv.RandomGaussianBlur(7, (0, 1.5)),
    }
    return made[name]() if name in made else None


def keras_layer(name: str) -> Any:
    """Keras 3's layer for one of our augmentations, `None` where it has none."""
    from keras import layers

    whole = (0, 255)
    made: dict[str, Callable[[], Any]] = {
        "rand_augment": lambda: layers.RandAugment(whole, num_ops=2),
        "aug_mix": lambda: layers.AugMix(whole),
        "cutmix": lambda: layers.CutMix(),
        "mixup": lambda: layers.MixUp(),
        "cutout": lambda: layers.RandomErasing(value_range=whole),
        "flips": lambda: layers.RandomFlip(),
        "rotation": lambda: layers.RandomRotation(0.5),
        "zoom": lambda: layers.RandomZoom((-0.3, 0.3)),
        "shear": lambda: layers.RandomShear(0.25, 0.25),
        "translation": lambda: layers.RandomTranslation(0.15, 0.15),
        "perspective": lambda: layers.RandomPerspective(),
        "elastic": lambda: layers.RandomElasticTransform(value_range=whole),
        "brightness": lambda: layers.RandomBrightness(0.4),
        "contrast": lambda: layers.RandomContrast(0.4, value_range=whole),
        "saturation": lambda: layers.RandomSaturation(0.4, value_range=whole),
        "hue": lambda: layers.RandomHue(0.1, value_range=whole),
        "colour_jitter": lambda: layers.RandomColorJitter(whole, 0.4, 0.4, 0.4, 0.1),
        "autocontrast": lambda: layers.AutoContrast(value_range=whole),
        "equalise": lambda: layers.Equalization(whole),
        "posterise": lambda: layers.RandomPosterization(3, value_range=whole),
        "sharpness": lambda: layers.RandomSharpness(0.9, value_range=whole),
        "gaussian_blur": lambda: layers.RandomGaussianBlur(sigma=1.0, kernel_size=7, value_range=whole),
    }
    return made[name]() if name in made else None


def albumentations_transform(name: str) -> Any:
    """albumentations' transform for one of our augmentations, `None` where there is none."""
    import albumentations

    names = {
        "rotation": "Rotate",
        "perspective": "Perspective",
        "elastic": "ElasticTransform",
        "shear": "Affine",
        "hue": "HueSaturationValue",
        "colour_jitter": "ColorJitter",
        "channel_shift": "RGBShift",
        "channel_shuffle": "ChannelShuffle",
        "equalise": "Equalize",
        "autocontrast": "AutoContrast",
        "posterise": "Posterize",
        "solarise": "Solarize",
        "sharpness": "Sharpen",
        "greyscale": "ToGray",
        "gaussian_blur": "GaussianBlur",
        "defocus": "Defocus",
        "noise": "GaussNoise",
        "jpeg": "ImageCompression",
        "cutout": "CoarseDropout",
        "grid_mask": "GridDropout",
        "flips": "HorizontalFlip",
    }
    return getattr(albumentations, names[name])(p=1.0) if name in names else None


if __name__ == "__main__":
    main()
