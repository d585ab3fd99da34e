"""What is compared on the Compare page: runs, several runs together, one run on several views."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bcc.augment import recipe_names
from bcc.datasets import Dataset
from bcc.evaluation.predictions.averaging import Mean
from bcc.evaluation.predictions.ensemble import ensemble
from bcc.evaluation.predictions.predict_rows import predict_together, predict_validation
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.evaluation.predictions.test_time_augmentation import MOST_DRAWS, TestTimeAugmentation, parse_views
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.state import loaders

TOGETHER: dict[str, tuple[str, Mean, bool]] = {
    "ensemble": ("mean of probabilities", "probabilities", False),
    "ensemble_logits": ("mean of logits", "logits", False),
    "ensemble_fitted": ("fitted weights", "probabilities", True),
}
"""Choice -> label, what is averaged, whether weights are fitted."""

RECIPE = "recipe"
VIEWS = {"flips": "4 flips", "turns": "8 flips and turns", RECIPE: "draws of a recipe"}


def choose_together() -> list[str]:
    """Ways in which the runs answer together."""
    return st.pills(
        "Together",
        list(TOGETHER),
        selection_mode="multi",
        default=["ensemble"],
        format_func=lambda one: TOGETHER[one][0],
        key="together",
        help="All chosen runs as one ensemble: their mean, or a weighted mean fitted on validation images.",
    )


def choose_views() -> list[str]:
    """Ways in which the first run looks several times, as `parse_views` reads them."""
    chosen = st.pills(
        "First run, test-time augmentation",
        list(VIEWS),
        selection_mode="multi",
        format_func=VIEWS.__getitem__,
        key="views",
        help="The mean over mirrored, turned or otherwise changed views of each image (test-time "
        "augmentation); takes proportionally longer.",
    )
    if RECIPE not in chosen:
        return list(chosen)
    recipe = st.selectbox(
        "Recipe",
        [name for name in recipe_names() if name != "none"],
        key="views_recipe",
        width=180,
        help="How the views are augmented, as in training; recipes are made on the Augment page.",
    )
    draws = st.number_input(
        "Draws", 1, MOST_DRAWS, 8, 1, key="views_draws", width=130, help="Number of views per image."
    )
    return [f"{recipe}:{draws}" if one == RECIPE else one for one in chosen]


def predict(
    runs: Sequence[Run], dataset: Dataset, together: Sequence[str], views: Sequence[str]
) -> list[SamplePredictions]:
    """What everybody predicts of the same rows: each run, then the runs together, then several views.

    Results are kept while the server runs, so that another choice adds only what is new.
    """
    about = (tuple(run.model_version for run in runs), dataset.fingerprint, dataset.class_names)
    members = waiting.result_of(
        ("together", *about),
        "Predicting with each run",
        lambda report: predict_together(runs, dataset, predictor_of=loaders.model_of, progress=report),
    )
    combined = [_ensemble(way, about, runs, members) for way in together] if len(runs) > 1 else []
    return [
        *members,
        *combined,
        *(_several_views(kind, about, members[0], runs[0], dataset) for kind in views),
    ]


def _ensemble(
    way: str, about: tuple[object, ...], runs: Sequence[Run], members: Sequence[SamplePredictions]
) -> SamplePredictions:
    _, mean, fitted = TOGETHER[way]

    def combine(report: waiting.Report) -> SamplePredictions:
        validation = predict_validation(runs, loaders.model_of, report) if fitted else None
        return ensemble(members, mean, validation)

    return waiting.result_of((way, *about), "Combining the predictions", combine)


def _several_views(
    kind: str, about: tuple[object, ...], one: SamplePredictions, run: Run, dataset: Dataset
) -> SamplePredictions:
    views = parse_views(kind)

    def predict_views(report: waiting.Report) -> SamplePredictions:
        model = TestTimeAugmentation(loaders.model_of(run), views)
        label = VIEWS.get(kind) or f"{views.count} draws of {kind.rpartition(':')[0]}"
        return one.with_probabilities(model(dataset.images, one.rows, report), f"{run.id}, {label}")

    return waiting.result_of((kind, *about), f"Predicting {views.count} views", predict_views)
