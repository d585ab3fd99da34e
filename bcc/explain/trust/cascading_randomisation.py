"""How far maps stay the same while the weights are randomised, from the head back to the stem.

The cascade of Adebayo et al. 2018, https://arxiv.org/abs/1810.03292: weights are shuffled stage by stage, and
each map is compared with that of the trained model. A map that stays the same to the end shows
the image's edges, not the model's reasons. `bcc.explain.trust.scores` asks only for the end of this cascade,
for every method at every stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bcc.datasets import Dataset
from bcc.explain.saliency import Explainer
from bcc.explain.trust.of_run import sample
from bcc.explain.trust.scores import PIXELS, Progress
from bcc.explain.trust.weight_randomisation import cascade, rank_correlation
from bcc.runs import Run

if TYPE_CHECKING:
    import keras
    import pandas as pd

LEARNED = "nothing"
"""The first level: the model as it was trained."""


@dataclass(frozen=True)
class RandomisedMaps:
    """Maps of some images at each level.

    Attributes:
        method: its name.
        stage: where its maps are taken: "stage 3 (6 x 6)" or "pixels".
        levels: L texts, which weights are randomised: "nothing", "head", "and stage 4", ... "and stem".
        rows: int64 (N,), of the dataset.
        names: N true classes.
        maps: float32 (L, N, h, w), 0..1 each.
        likeness: float64 (L, N), rank correlation with the map at the first level, -1..1.
    """

    method: str
    stage: str
    levels: tuple[str, ...]
    rows: np.ndarray
    names: tuple[str, ...]
    maps: np.ndarray
    likeness: np.ndarray

    def frame(self) -> pd.DataFrame:
        """A line a level and image: method, stage, randomised, row, class, likeness."""
        import pandas as pd

        count = len(self.rows)
        return pd.DataFrame(
            {
                "method": self.method,
                "stage": self.stage,
                "randomised": np.repeat(self.levels, count),
                "row": np.tile(self.rows, len(self.levels)),
                "class": np.tile(self.names, len(self.levels)),
                "likeness": self.likeness.ravel(),
            }
        )


def randomise_weights(
    run: Run,
    dataset: Dataset,
    model: keras.Model,
    method: str,
    layer: str | None = None,
    per_class: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> RandomisedMaps:
    """Explain a few cells again and again while the weights of a copy of the model are randomised.

    Args:
        run: a run.
        dataset: its own data or any other set; cells that it was not trained on are taken.
        model: the run's model, which is left as it is.
        method: a name; maps speak for the class that the whole model predicts.
        layer: of the stage; the default one when missing.
        per_class: cells of each class.
        seed: of the sample and the shuffled weights.
        progress: called with (share done, sentence); what it raises ends the work.

    Raises:
        UserError: no image to explain, an unknown method or layer.
    """
    import keras

    from bcc.models.prediction import Predictor

    rows, labels = sample(run, dataset, per_class, seed)
    images = np.asarray(dataset.images[rows])
    classes = Predictor(model)(images).argmax(axis=1)
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    explainer = Explainer(twin, layer, method, seed=seed)
    title, found = explainer.method.title, [explainer(images, classes)]
    levels = cascade(model, seed)
    for done, (said, weights) in enumerate(levels, 1):
        if progress:
            progress(done / (len(levels) + 1), f"{title}: randomised {said}")
        twin.set_weights(weights)
        found.append(explainer(images, classes))
    names = run.class_names
    return RandomisedMaps(
        method,
        explainer.stage.label if explainer.method.at_stage else PIXELS,
        (LEARNED, *(said for said, _ in levels)),
        rows,
        tuple(names[label] for label in labels),
        np.stack(found),
        np.stack([rank_correlation(found[0], maps) for maps in found]),
    )
