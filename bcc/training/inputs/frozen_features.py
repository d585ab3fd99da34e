"""Ask the frozen part of a model once about each image, instead of once an epoch.

That is possible where an image looks the same every time: validation images always do, training images
if the recipe does nothing or if they have a fixed number of views (`views`).
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.augment import Recipe, image_keys, read_recipe
from bcc.augment.compiled import apply_recipe_compiled
from bcc.augment.keys import uniform
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.models.resizing import resize_batch
from bcc.training.config.train_config import TrainConfig
from bcc.training.inputs.batches import Plan
from bcc.training.inputs.feature_cache import FeatureStore, Progress, make_room
from bcc.training.records.run_writer import LOGGER

if TYPE_CHECKING:
    import keras

PLAIN = -1
"""The view that is the image itself."""

VALIDATION = -2
"""The view that validation images have, where a recipe is made for them."""

_VALIDATION_DRAW = 2**20
"""Stands in the place of the epoch in their draws; no training epoch has it."""

AT_ONCE = 64
"""Images a call."""


class FrozenFeatures:
    """What a trunk says about the images of a dataset.

    Args:
        trunk: the frozen part, from images to features.
        dataset: the images.
        config: image size, recipe, views, seed, and how much disk there may be.
    """

    def __init__(self, trunk: keras.Model, dataset: Dataset, config: TrainConfig) -> None:
        self.trunk, self.dataset, self.config = trunk, dataset, config
        self.train_views = fixed_views(config)
        self.validation_view = validation_view(config)
        self._name = _hash_of(trunk, dataset, config)
        self._stores: dict[int, FeatureStore] = {}
        self._readers: dict[int, np.ndarray] = {}

    def prepare(self, train: np.ndarray, validation: np.ndarray, progress: Progress | None = None) -> None:
        """Have everything on disk that training and validation rows will ask for.

        Raises:
            UserError: it fits neither the budget nor the disk.
        """
        asked = {self.validation_view: validation}
        for view in self.train_views:
            asked[view] = np.union1d(asked.get(view, train), train)
        missing = {view: rows[~self.store(view).open(rows)] for view, rows in asked.items()}
        total = sum(map(len, missing.values()))
        size = self.store(self.validation_view).slot_bytes
        keep = {self.store(view).key for view in asked}
        make_room(total * size, round(self.config.cache_gigabytes * 1e9), keep)
        if not total:
            LOGGER.info("Frozen part: already computed by an earlier run or phase")
        begun = time.monotonic()
        for view, rows in asked.items():
            self.store(view).fill(rows, self._computing(view), AT_ONCE, progress)
            self._readers[view] = self.store(view).reader()
        if total:
            LOGGER.info(
                "Frozen part: computed once for %s images and views, %.2f GB, %.0f s",
                f"{total:,}", total * size / 1e9, time.monotonic() - begun,
            )  # fmt: skip

    def store(self, view: int) -> FeatureStore:
        """Where the features of one view lie."""
        if view not in self._stores:
            about = "plain"
            if view != PLAIN:
                about = json.dumps([_recipe_text(self.config, view), self.config.seed, view])
                if view == VALIDATION and self.config.validation_share < 1:
                    about += f" {self.config.validation_share}"
            key = hashlib.blake2b(f"{self._name} {about}".encode(), digest_size=12).hexdigest()
            shape = tuple(int(length) for length in self.trunk.output_shape[1:])
            self._stores[view] = FeatureStore(key, len(self.dataset), shape)
        return self._stores[view]

    def validation(self, rows: np.ndarray) -> np.ndarray:
        """float32 (M, ...): what the trunk says about images as validation sees them."""
        result: np.ndarray = self._readers[self.validation_view][rows]
        return result

    def batches(
        self, labels: np.ndarray, class_weights: np.ndarray, plan: Plan, classes: int, first_step: int = 0
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Batches of a phase from `first_step` on: features, labels float32 (B, classes), weights."""
        answers = np.eye(classes, dtype=np.float32)
        views = len(self.train_views)
        steps = zip(plan.rows[first_step:], plan.epochs[first_step:], plan.copies[first_step:], strict=True)
        for rows, epoch, copies in steps:
            turn = (int(epoch) + copies) % views
            features = self._readers[self.train_views[turn[0]]][rows]
            # Rows that come again in their epoch look at another view.
            for place in np.unique(turn[turn != turn[0]]):
                features[turn == place] = self._readers[self.train_views[place]][rows[turn == place]]
            yield features, answers[labels[rows]], class_weights[labels[rows]]

    def _computing(self, view: int) -> Callable[[np.ndarray], np.ndarray]:
        import tensorflow as tf

        call = tf.function(
            lambda images: self.trunk(images, training=False), autograph=False, jit_compile=False
        )

        def compute(rows: np.ndarray) -> np.ndarray:
            images = view_images(self.dataset, self.config, rows, view)
            return np.asarray(tf.cast(call(images), tf.float32))

        return compute


def fixed_views(config: TrainConfig) -> tuple[int, ...]:
    """The views that training looks at in turn; none where every epoch draws afresh.

    None either where images are mixed: what an image becomes depends on the others in its batch.
    """
    recipe = read_recipe(config.recipe)
    if not recipe.active:
        return (PLAIN,)
    return () if recipe.mixes else tuple(range(config.views))


def validation_view(config: TrainConfig) -> int:
    """How validation images look.

    Raises:
        UserError: their recipe would mix them.
    """
    recipe = read_recipe(config.validation_recipe)
    if recipe.mixes:
        raise UserError(
            f"The validation_recipe '{recipe.name}' mixes images and their labels: choose one that changes "
            "each image by itself."
        )
    return VALIDATION if recipe.active else PLAIN


def view_images(dataset: Dataset, config: TrainConfig, rows: np.ndarray, view: int) -> Any:
    """Images float32 (M, S, S, 3) of one fixed view, as training would see them."""
    import tensorflow as tf

    images = resize_batch(np.asarray(dataset.images[rows]), config.image_size)
    if view == PLAIN:
        return tf.cast(images, tf.float32)
    images, classes = tf.cast(images, tf.float32), len(dataset.class_names)
    answers = tf.one_hot(dataset.labels[rows], classes)
    keys = image_keys(config.seed, _VALIDATION_DRAW if view == VALIDATION else view, rows)
    changed = apply_recipe_compiled(_recipe(config, view), images, answers, keys)[0]
    if view != VALIDATION or config.validation_share >= 1:
        return changed
    passes = uniform(keys, 1, "passes the recipe")[:, 0] < config.validation_share
    return tf.where(passes[:, None, None, None], changed, images)


def uses_feature_cache(trunk: keras.Model | None, config: TrainConfig) -> bool:
    """Whether a phase with that trunk keeps what it says.

    Raises:
        UserError: it must, and views are not fixed.
    """
    if trunk is None or config.cache == "off":
        return False
    if config.cache == "on" and not fixed_views(config):
        raise UserError(
            f"cache is on, but the recipe '{read_recipe(config.recipe).name}' draws afresh in every epoch: "
            "set views to 1 or more, the recipe to none, or cache to auto."
        )
    return True


def prepare_features(
    trunk: keras.Model | None,
    dataset: Dataset,
    config: TrainConfig,
    train: np.ndarray,
    validation: np.ndarray,
    progress: Progress | None = None,
) -> FrozenFeatures | None:
    """Features of a phase, ready to be read; `None` where the trunk is asked anew each time.

    Raises:
        UserError: the cache must be used and cannot be.
    """
    if trunk is None or not uses_feature_cache(trunk, config):
        return None
    frozen = FrozenFeatures(trunk, dataset, config)
    try:
        frozen.prepare(train, validation, progress)
    except UserError as error:
        if config.cache == "on":
            raise
        LOGGER.warning("The frozen part is computed in every epoch. %s", error)
        return None
    return frozen


def feature_bytes(trunk: keras.Model, config: TrainConfig, train_rows: int, validation_rows: int) -> int:
    """Disk that the features of a phase take, bytes."""
    images = validation_rows + train_rows * len(fixed_views(config))
    result: int = 4 * math.prod(trunk.output_shape[1:]) * images
    return result


def _recipe(config: TrainConfig, view: int) -> Recipe:
    return read_recipe(config.validation_recipe if view == VALIDATION else config.recipe)


def _recipe_text(config: TrainConfig, view: int) -> list[Any]:
    # The place of a step is part of its draws.
    return [[place, step.model_dump(mode="json")] for place, step in _recipe(config, view).active]


def _hash_of(trunk: keras.Model, dataset: Dataset, config: TrainConfig) -> str:
    """A name for trunk, pixels and image size; dropout, which rests in a trunk, is passed over."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{config.image_size} {dataset.images.shape}".encode())
    digest.update(np.ascontiguousarray(dataset.row_hashes).data)
    for layer in trunk.layers:
        if type(layer).__name__ == "Dropout":
            continue
        about = {k: v for k, v in layer.get_config().items() if k != "trainable"}
        text = json.dumps(about, sort_keys=True, default=lambda value: type(value).__name__)
        digest.update(f"{type(layer).__name__} {text}".encode())
        for weight in layer.get_weights():
            digest.update(np.ascontiguousarray(weight).data)
    return digest.hexdigest()
