"""Look at each image several times (test-time augmentation) and take the mean of the answers.

A blood cell has no up or down: its mirror images and quarter turns are as good as itself. Draws of a recipe
of augmentations work too, where each draw derives from (seed, view, row).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bcc.errors import UserError
from bcc.evaluation.predictions.averaging import Mean, combine
from bcc.progress import Progress

if TYPE_CHECKING:
    from bcc.evaluation.predictions.predict_rows import PredictFn

IMAGES = 256
"""Images whose views are made at once."""
MOST_DRAWS = 64


@dataclass(frozen=True)
class Views:
    """Which views of each image.

    Attributes:
        kind: "flips" (4: as it is, mirrored each way and both), "turns" (8: those, and all turned by 90
            degrees), or a recipe's name.
        count: how many there are.
        seed: of a recipe's draws.
    """

    kind: str
    count: int
    seed: int = 0

    @property
    def text(self) -> str:
        """For a person: "8 turns and flips"."""
        return {"flips": "4 flips", "turns": "8 flips and turns"}.get(
            self.kind, f"{self.count} draws of {self.kind}"
        )

    def of(self, images: np.ndarray, rows: np.ndarray, view: int) -> np.ndarray:
        """One view of each image.

        Args:
            images: uint8 (N, H, W, 3).
            rows: int64 (N,), for the draws of a recipe.
            view: 0..count - 1; view 0 is the image itself for flips and turns.

        Returns:
            uint8 (N, H, W, 3), or (N, W, H, 3) for turns by 90 degrees.
        """
        if self.kind in ("flips", "turns"):
            turned = np.rot90(images, 1, axes=(1, 2)) if view >= 4 else images
            mirrored = turned[:, ::-1] if view % 4 >= 2 else turned
            return mirrored[:, :, ::-1] if view % 2 else mirrored
        return _drawn(self.kind, images, rows, view, self.seed)


def parse_views(text: str) -> Views:
    """Read "flips", "turns" or "RECIPE:COUNT" ("gentle:8").

    Raises:
        UserError: it is none of these, or there is no such recipe.
    """
    if text == "flips":
        return Views("flips", 4)
    if text == "turns":
        return Views("turns", 8)
    name, _, count = text.rpartition(":")
    if not name or not count.isdigit() or not 1 <= int(count) <= MOST_DRAWS:
        raise UserError(
            f"Views are 'flips', 'turns' or a recipe with a number of draws up to {MOST_DRAWS} such as "
            f"'gentle:8', not '{text}'."
        )
    _check_recipe(name)
    return Views(name, int(count))


class TestTimeAugmentation:
    """A model that answers with the mean over several views of each image.

    Args:
        ask: the model, from images and rows to probabilities.
        views: which views.
        mean: of probabilities or of logits.
    """

    __test__ = False  # Its name begins as pytest's test classes do.

    def __init__(self, ask: PredictFn, views: Views, mean: Mean = "probabilities") -> None:
        self.ask, self.views, self.mean = ask, views, mean

    def __call__(
        self, images: np.ndarray, rows: np.ndarray | None = None, progress: Progress | None = None
    ) -> np.ndarray:
        """Probabilities of rows: float32 (M, K), as from the model itself."""
        rows = np.arange(len(images)) if rows is None else np.asarray(rows)
        parts = []
        for start in range(0, max(len(rows), 1), IMAGES):
            part = rows[start : start + IMAGES]
            batch = np.asarray(images[part])
            everything = np.arange(len(part))
            said = []
            for view in range(self.views.count):
                said.append(self.ask(self.views.of(batch, part, view), everything, None))
                if progress and len(rows):
                    done = start + len(part) * (view + 1) / self.views.count
                    text = f"Looking {self.views.count} times at {len(rows):,} images"
                    progress(done / len(rows), text)
            parts.append(combine(said, self.mean))
        return np.concatenate(parts)


def _check_recipe(name: str) -> None:
    from bcc.augment import read_recipe

    if read_recipe(name).mixes:
        raise UserError(
            f"Recipe '{name}' mixes images with one another, so its draws are no views of one image: "
            "choose a recipe without a mixing step."
        )


def _drawn(name: str, images: np.ndarray, rows: np.ndarray, view: int, seed: int) -> np.ndarray:
    """One draw of a recipe; its labels do not matter here."""
    import tensorflow as tf

    from bcc.augment import image_keys, read_recipe

    # The view stands where training has the epoch: another view is another draw of the same row.
    keys = image_keys(seed, view, rows)
    batch = tf.constant(images, tf.float32)
    changed, _ = read_recipe(name).apply(batch, tf.ones((len(images), 1)), keys)
    result: np.ndarray = np.clip(np.rint(changed.numpy()), 0, 255).astype(np.uint8)
    return result
