"""Every score of every method at every stage, for some pictures: one frame, a row a map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bcc.explain.methods import KINDS, find_method
from bcc.explain.regions import Regions
from bcc.explain.saliency import Explainer, enlarge
from bcc.explain.stages import Stage, stages
from bcc.explain.trust.controls import CONTROLS, control
from bcc.explain.trust.deletion import Faithfulness
from bcc.explain.trust.localisation import hits, share_inside
from bcc.explain.trust.randomised import rank_correlation, shuffled_weights
from bcc.models.resizing import resize_batch

if TYPE_CHECKING:
    import keras
    import pandas as pd

PIXELS, NO_MODEL = "pixels", "no model"
"""What stands under `stage` for methods that look at pixels, and for maps that no model made."""

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

Progress = Callable[[float, str], None]


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
        where: masks of the pictures.
        methods: names.
        layers: which stages; all of them when missing.
        seed: of shuffled weights, noise and ties.
        progress: called with (share done, sentence); what it raises ends the work.

    Returns:
        `picture` (position in `images`), `method`, `stage` ("stage 3 (4 x 4)", "pixels" or "no model") and
        `SCORES`: 0..1 each but `randomised`, -1..1. NaN where a picture has no such score: nothing of a
        nucleus where there is none, and nothing of an empty map but `randomised`, which is then 0.

    Raises:
        UserError: an unknown method or layer.
    """
    import keras
    import pandas as pd

    from bcc.models.prediction import Predictor

    # A twin shares nothing with the model that pages use meanwhile; its weights are shuffled and put back, so
    # that no graph is traced twice.
    twin = keras.models.clone_model(model)
    learned = model.get_weights()
    twin.set_weights(learned)
    random = shuffled_weights(model, seed)
    work = list(_work(model, methods, layers))
    steps = len(work) + len(CONTROLS)

    def tell(done: int, what: str) -> None:
        if progress:
            progress(done / steps, what)

    tell(0, "Asking the run about the pictures without any map")
    predictor = Predictor(model)
    seen = resize_batch(images, predictor.image_size)
    faithfulness = Faithfulness(predictor, seen, classes, seed)

    def scored(method: str, stage: str, maps: np.ndarray, randomised: np.ndarray) -> pd.DataFrame:
        large = enlarge(maps, *images.shape[1:3])
        empty = maps.max(axis=(1, 2)) <= 0
        deletion, insertion = faithfulness(enlarge(maps, predictor.image_size, predictor.image_size))
        return pd.DataFrame(
            {
                "picture": np.arange(len(images)),
                "method": method,
                "stage": stage,
                "cell_share": share_inside(large, where.cells),
                "nucleus_share": share_inside(large, where.nuclei),
                "pointing_cell": hits(large, where.cells),
                "pointing_nucleus": hits(large, where.nuclei),
                "deletion": np.where(empty, np.nan, deletion),
                "insertion": np.where(empty, np.nan, insertion),
                "randomised": randomised,
            }
        )

    frames = []
    for done, (method, stage) in enumerate(work):
        explainer = Explainer(twin, stage.layer, method, seed=seed)
        spot = stage.label if explainer.method.at_stage else PIXELS
        tell(done, f"Scoring {explainer.method.title}, {spot}")
        maps = explainer(images, classes)
        twin.set_weights(random)
        others = explainer(images, classes)
        twin.set_weights(learned)
        frames.append(scored(method, spot, maps, rank_correlation(maps, others)))
    for done, name in enumerate(CONTROLS, len(work)):
        tell(done, f"Scoring the control '{name}'")
        frames.append(scored(name, NO_MODEL, control(name, images), np.ones(len(images))))
    tell(steps, "SamplePredictions")
    return pd.concat(frames, ignore_index=True)


def _work(
    model: keras.Model, methods: Sequence[str], layers: Sequence[str] | None
) -> Iterator[tuple[str, Stage]]:
    """Each method at each stage; once where a method has no stage."""
    from bcc.explain.stages import find_stage

    chosen = [find_stage(model, layer) for layer in layers] if layers else stages(model)
    for name in methods:
        yield from ((name, stage) for stage in (chosen if find_method(name).at_stage else chosen[:1]))
