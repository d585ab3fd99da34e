"""Caches of the server: open datasets, their tables, models.

Datasets are cached by fingerprint and stay on disk (their images are memory-mapped); otherwise only frames
and small arrays are cached. Only the functions at the end load TensorFlow.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import streamlit as st

from bcc.datasets import Dataset, open_cached
from bcc.datasets.overview import (
    Overview,
    class_table,
    overview,
    rows_of_class,
    rows_without_copies,
    split_counts,
)
from bcc.errors import UserError
from bcc.runs import Run
from pages.parts.state import tensorflow_loading

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from bcc.explain import Explainer
    from bcc.models.features import FeatureExtractor
    from bcc.models.prediction import Predictor
    from bcc.training import DataOptions

Result = TypeVar("Result")

_MOST_EXPLAINERS = 24
"""Of one model; there are eight methods, most at each of four stages, and one that draws."""


def dataset(fingerprint: str, class_names: tuple[str, ...], when: float) -> Dataset:
    """Open a dataset under its current class names; `when` its provenance was written."""
    return _arrays(fingerprint, when).named(class_names)


@st.cache_resource(max_entries=8, show_spinner=False, validate=lambda kept: kept.folder.is_dir())
def _arrays(fingerprint: str, when: float) -> Dataset:
    return open_cached(fingerprint)


@st.cache_data(max_entries=16, show_spinner=False)
def facts(fingerprint: str, _dataset: Dataset) -> Overview:
    """Summarise the dataset in numbers."""
    return overview(_dataset)


def classes(fingerprint: str, class_names: tuple[str, ...], dataset: Dataset) -> tuple[pd.DataFrame, str]:
    """Return a row per class with the split of a run with default settings, and what is wrong with it."""
    from bcc.quality.saved_scans import scan_mark

    return _classes(fingerprint, class_names, scan_mark(fingerprint), dataset)


@st.cache_data(max_entries=16, show_spinner=False)
def _classes(
    fingerprint: str, class_names: tuple[str, ...], mark: str, _dataset: Dataset
) -> tuple[pd.DataFrame, str]:
    from bcc.training import DataOptions
    from bcc.training.inputs.rows import divide

    try:
        return class_table(_dataset, divide(_dataset, DataOptions(), seed=0).split), ""
    except UserError as error:
        return class_table(_dataset), str(error)


def sides(fingerprint: str, dataset: Dataset) -> np.ndarray:
    """Return the split of a run with default settings, int8 (N,); all rows left out where there is none."""
    from bcc.quality.saved_scans import scan_mark

    return _sides(fingerprint, scan_mark(fingerprint), dataset)


@st.cache_data(max_entries=16, show_spinner=False)
def _sides(fingerprint: str, mark: str, _dataset: Dataset) -> np.ndarray:
    from bcc.training import DataOptions
    from bcc.training.inputs.rows import divide

    try:
        return divide(_dataset, DataOptions(), seed=0).split
    except UserError:
        return np.full(len(_dataset), -1, np.int8)


@st.cache_data(max_entries=64, show_spinner=False, ttl=60)
def check_division(fingerprint: str, options: DataOptions, seed: int, _dataset: Dataset) -> None:
    """Check whether a run could split the dataset like this; a refusal is not cached.

    Raises:
        UserError: too few rows, or the selection does not exist.
    """
    from bcc.training.inputs.rows import divide

    divide(_dataset, options, seed)


@st.cache_resource(max_entries=16, show_spinner=False)
def class_bars(fingerprint: str, class_names: tuple[str, ...], _table: pd.DataFrame) -> go.Figure:
    """Return the bar chart of `classes`; drawing it takes half the time of the Data page."""
    from bcc.figures import class_counts

    return class_counts(split_counts(_table))


@st.cache_data(max_entries=64, show_spinner=False)
def class_rows(fingerprint: str, class_name: str | None, _dataset: Dataset) -> np.ndarray:
    """Return the rows of one class, or all rows."""
    return rows_of_class(_dataset, class_name)


@st.cache_data(max_entries=64, show_spinner=False)
def single_rows(fingerprint: str, class_name: str | None, _dataset: Dataset) -> np.ndarray:
    """Return the rows of one class, or all, without repeated images; all of them where no other is left."""
    rows = rows_of_class(_dataset, class_name)
    single = np.intersect1d(rows, rows_without_copies(_dataset))
    return single if len(single) else rows


@st.cache_data(max_entries=16, show_spinner=False)
def one_per_class(fingerprint: str, _dataset: Dataset) -> np.ndarray:
    """Return one row per class, always the same, and no image that occurs several times."""
    from bcc.explain.per_class import sample_per_class

    rows = rows_without_copies(_dataset)
    return sample_per_class(_dataset.labels[rows], rows, len(_dataset.class_names), per_class=1, seed=10)


@st.cache_resource(max_entries=2, show_spinner=False)
def predictor(run_id: str, changed: float, _run: Run) -> Predictor:
    """A run's model, ready to predict."""
    tensorflow_loading.tensorflow()
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    return Predictor(load_model(_run.model))


@st.cache_resource(max_entries=2, show_spinner=False)
def single_predictor(run_id: str, changed: float, _predictor: Predictor) -> Predictor:
    """Return the same model for one image at a time, which must not wait for a whole batch."""
    from bcc.models.prediction import Predictor

    return Predictor(_predictor.model, batch_size=1)


@st.cache_resource(max_entries=2, show_spinner=False)
def _explainers(run_id: str, changed: float) -> tuple[OrderedDict, threading.Lock]:
    """Return the explainers of one model, dropped with it, so that training leaves no old models behind."""
    return OrderedDict(), threading.Lock()


def model_of(run: Run) -> Predictor:
    """Return the predictor of a run, loaded from the current model file.

    Raises:
        UserError: the run has no model yet, or its file is damaged.
    """
    return predictor(run.id, _changed(run), run)


def _changed(run: Run) -> float:
    """When the model file was written."""
    if not run.model.exists():
        raise UserError(f"Run '{run.id}' has no model yet: let it finish an epoch first.")
    return run.model.stat().st_mtime


@st.cache_resource(max_entries=2, show_spinner=False)
def feature_extractor(run_id: str, changed: float, _predictor: Predictor) -> FeatureExtractor:
    """Probabilities and features of a run's model in one pass."""
    from bcc.models.features import FeatureExtractor

    return FeatureExtractor(_predictor.model, batch_size=32)


def features_of(run: Run) -> FeatureExtractor:
    """Return the feature extractor of a run, loaded from the current model file."""
    return feature_extractor(run.id, run.model.stat().st_mtime, model_of(run))


def single_model_of(run: Run) -> Predictor:
    """Like `model_of`, for one image at a time."""
    return single_predictor(run.id, run.model.stat().st_mtime, model_of(run))


def explainer_of(
    run: Run, layer: str | None, method: str = "gradcam", seed: int = 0, engine: str = "bcc"
) -> Explainer:
    """Return the explainer of a run for one method and stage; its graph is traced once."""
    from bcc.explain import explainer_by

    # Looked at once: the file of a run that trains may be another a moment later.
    changed = _changed(run)
    model = predictor(run.id, changed, run).model
    known, lock = _explainers(run.id, changed)
    with lock:
        key = (engine, layer, method, seed)
        if key not in known:
            known[key] = explainer_by(engine, model, layer, method, seed)
        known.move_to_end(key)
        while len(known) > _MOST_EXPLAINERS:
            known.popitem(last=False)
        explainer: Explainer = known[key]
    return explainer


def is_cached(key: Hashable) -> bool:
    """Whether `cached` would return at once."""
    kept, lock = _kept()
    with lock:
        return key in kept


def cached(key: Hashable, make: Callable[[], Result], most: int = 32) -> Result:
    """Cache the result of slow work by its key; unlike Streamlit's caches, the work may show its progress."""
    kept, lock = _kept()
    with lock:
        if key in kept:
            kept.move_to_end(key)
            found: Result = kept[key]
            return found
    result = make()
    with lock:
        kept[key] = result
        while len(kept) > most:
            kept.popitem(last=False)
    return result


@st.cache_resource(show_spinner=False)
def _kept() -> tuple[OrderedDict, threading.Lock]:
    return OrderedDict(), threading.Lock()
