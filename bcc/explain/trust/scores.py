"""Every score of every method at every stage, for some images: one frame with a row per map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bcc.explain.methods import KINDS, find_method
from bcc.explain.regions import Regions
from bcc.explain.saliency import Explainer, enlarge
from bcc.explain.stages import Stage, stages
from bcc.explain.trust.controls import CONTROLS, control
from bcc.explain.trust.deletion import Faithfulness
from bcc.explain.trust.localisation import hits, share_inside
from bcc.explain.trust.weight_randomisation import rank_correlation, shuffled_weights
from bcc.models.resizing import resize_batch
from bcc.progress import Progress

if TYPE_CHECKING:
    import keras
    import pandas as pd

PIXELS, NO_MODEL = "pixels", "no model"
"""Values of `stage` for pixel-based methods, and for maps made without a model."""

SCORES = (
    "cell_share",
    "nucleus_share",
    "pointing_cell",
    "pointing_nucleus",
    "deletion",
    "insertion",
    "randomised",
)
"""Columns of `score_maps`."""


def score_maps(
    model: keras.Model,
    images: np.ndarray,
    classes: np.ndarray,
    where: Regions,
    methods: Sequence[str] = tuple(KINDS),
    layers: Sequence[str] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score each method's maps, and those of the controls.

    Args:
        model: a flat model.
        images: uint8 (N, H, W, 3).
        classes: int64 (N,), the class that each map speaks for.
        where: masks of the images.
        methods: names.
        layers: which stages; all of them when missing.
        seed: of shuffled weights, noise and ties.
        progress: called with (share done, sentence); what it raises ends the work.

    Returns:
        `picture` (position in `images`), `method`, `stage` ("stage 3 (4 x 4)", "pixels" or "no model") and
        `SCORES`: 0..1 each but `randomised`, -1..1. NaN where an image has no such score: nothing of a
        nucleus where there is none, and nothing of an empty map but `randomised`, which is then 0.

    Raises:
        UserError: an unknown method or layer.
    """
    import pandas as pd

    from bcc.models.prediction import Predictor

    twin = _Twin(model, seed)
    work = list(_work(model, methods, layers))
    steps = len(work) + len(CONTROLS)

    def tell(done: int, what: str) -> None:
        if progress:
            progress(done / steps, what)

    tell(0, "Predicting the images without any map")
    predictor = Predictor(model)
    seen = resize_batch(images, predictor.image_size)
    scores = _ScoresOfMaps(images, where, Faithfulness(predictor, seen, classes, seed), predictor.image_size)
    frames = []
    for done, (method, stage) in enumerate(work):
        explainer = Explainer(twin.model, stage.layer, method, seed=seed)
        spot = stage.label if explainer.method.at_stage else PIXELS
        tell(done, f"Scoring {explainer.method.title}, {spot}")
        maps = explainer(images, classes)
        with twin.shuffled():
            others = explainer(images, classes)
        frames.append(scores(method, spot, maps, rank_correlation(maps, others)))
    for done, name in enumerate(CONTROLS, len(work)):
        tell(done, f"Scoring the control '{name}'")
        frames.append(scores(name, NO_MODEL, control(name, images), np.ones(len(images))))
    tell(steps, "Scored")
    return pd.concat(frames, ignore_index=True)


class _Twin:
    """A copy of a model whose weights can be shuffled and restored, so that no graph is traced twice.

    It shares nothing with the model that pages use meanwhile.
    """

    def __init__(self, model: keras.Model, seed: int) -> None:
        import keras

        self.model = keras.models.clone_model(model)
        self._learned = model.get_weights()
        self._random = shuffled_weights(model, seed)
        self.model.set_weights(self._learned)

    @contextmanager
    def shuffled(self) -> Iterator[None]:
        """Shuffle the weights within the block."""
        self.model.set_weights(self._random)
        yield
        self.model.set_weights(self._learned)


@dataclass(frozen=True)
class _ScoresOfMaps:
    """Every score of one method's maps at one stage, a row per map."""

    images: np.ndarray
    where: Regions
    faithfulness: Faithfulness
    image_size: int

    def __call__(self, method: str, stage: str, maps: np.ndarray, randomised: np.ndarray) -> pd.DataFrame:
        import pandas as pd

        large = enlarge(maps, *self.images.shape[1:3])
        empty = maps.max(axis=(1, 2)) <= 0
        deletion, insertion = self.faithfulness(enlarge(maps, self.image_size, self.image_size))
        return pd.DataFrame(
            {
                "picture": np.arange(len(self.images)),
                "method": method,
                "stage": stage,
                "cell_share": share_inside(large, self.where.cells),
                "nucleus_share": share_inside(large, self.where.nuclei),
                "pointing_cell": hits(large, self.where.cells),
                "pointing_nucleus": hits(large, self.where.nuclei),
                "deletion": np.where(empty, np.nan, deletion),
                "insertion": np.where(empty, np.nan, insertion),
                "randomised": randomised,
            }
        )


def _work(
    model: keras.Model, methods: Sequence[str], layers: Sequence[str] | None
) -> Iterator[tuple[str, Stage]]:
    """Each method at each stage; once where a method has no stage."""
    from bcc.explain.stages import find_stage

    chosen = [find_stage(model, layer) for layer in layers] if layers else stages(model)
    for name in methods:
        yield from ((name, stage) for stage in (chosen if find_method(name).at_stage else chosen[:1]))
