"""What the files of a run may hold: one validated model each, so that damage is one sentence about one file.

A file of an older or newer version may lack what nothing depends on and hold more than is known here. What is
known has its type and bounds, and whoever reads a run may rely on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

LATEST = 7_258_118_400.0
"""1 January 2200 in seconds since 1970: no run is of a later time."""
MOST_CLASSES = 100_000
_NEAR_ONE = 0.02
"""How far from 1 probabilities of an image may add up, half precision included."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Moment = Annotated[float, Field(ge=0, le=LATEST, allow_inf_nan=False)]
"""Seconds since 1970."""
Seconds = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Speed = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
"""Images a second."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=5000)]


class _Content(BaseModel):
    model_config = ConfigDict(extra="allow", allow_inf_nan=False, protected_namespaces=(), frozen=True)


class ConfigContent(_Content):
    """config.json, as far as others than training look at it; `TrainConfig` says what it may be."""

    model: str = ""
    image_size: int | str = "?"
    weights: str = ""
    recipe: str = ""


class LabelSummary(_Content):
    """What people changed about the labels, in dataset.json."""

    changed: Count = 0
    confirmed: Count = 0
    unknown: Count = 0
    reviewers: list[str] = []
    classes: list[str] = []


class DatasetContent(_Content):
    """dataset.json."""

    fingerprint: Name
    source: Name
    class_names: Annotated[list[Name], Field(min_length=1, max_length=MOST_CLASSES)]
    preprocessing: str
    location: str = ""
    rows: Count
    # On disk the height and width of an image are called as they were from the start.
    picture_size: Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=2, max_length=2)]
    changed_in_line: str = ""
    duplicates_left_out: Count = 0
    seen_by_first_weights: dict[str, Count] | None = None
    selection: dict[str, Any] | None = None
    labels: LabelSummary | None = None


class ClassScores(_Content):
    """Scores of one class in metrics.json."""

    precision: Share | None = None
    recall: Share | None = None
    f1: Share | None = None
    support: Count = 0


class Scores(_Content):
    """Scores of one split in metrics.json."""

    accuracy: Share | None = None
    macro_f1: Share | None = None
    n: Count | None = None
    per_class: dict[str, ClassScores] = {}


class BaselineScores(_Content):
    """Those of the linear model."""

    accuracy: Share | None = None
    split: str = ""


class MetricsContent(_Content):
    """metrics.json."""

    validation: Scores | None = None
    test: Scores | None = None
    final_split: Literal["validation", "test", "train"] | None = None
    baseline: BaselineScores | None = None


class JobContent(_Content):
    """job.json."""

    devices: list[str]
    worker: Annotated[int, Field(ge=1, le=2**31)]
    pid: Annotated[int, Field(ge=1, le=2**31)] | None
    started: Moment


CONTENTS: dict[str, type[BaseModel]] = {
    "config.json": ConfigContent,
    "dataset.json": DatasetContent,
    "metrics.json": MetricsContent,
    "job.json": JobContent,
}
"""File name -> what it holds, for those that are read as plain values."""

Arrays = Mapping[str, np.ndarray]


def checked_values(name: str, values: Any) -> dict[str, Any]:
    """The values of one of the run's JSON files, as they were written.

    Raises:
        ValueError: in words, what is wrong with them.
    """
    if not isinstance(values, dict):
        raise ValueError("it holds no JSON object")
    content = CONTENTS.get(name)
    if content is None:
        return values
    try:
        checked = content.model_validate(values)
    except ValidationError as error:
        raise ValueError(in_words(error)) from error
    # Only what was given, with types made right: what is missing stays missing for whoever asks.
    return checked.model_dump(exclude_unset=True)


def checked_files(values: Any) -> list[str]:
    """The names in files.json, as they were written.

    Raises:
        ValueError: in words, what is wrong with them.
    """
    if not isinstance(values, list) or not all(isinstance(name, str) for name in values):
        raise ValueError("it should hold a list of names")
    return values


def in_words(error: ValidationError) -> str:
    """The first problem of a validation, short."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Input ").removeprefix("Value error, ")
    message = f"{message[:1].lower()}{message[1:]}"
    if problem["type"] == "missing":
        return f"it has no '{place}'"
    given = repr(problem.get("input"))
    shown = given if len(given) <= 60 else f"{given[:60]}…"
    return f"'{place}' {message}, not {shown}" if place else message


def check_split(arrays: Arrays, rows: int | None = None) -> None:
    """split.npz: `split` int (N,), -1..2; `train_hashes` uint64 (M, 2).

    Args:
        arrays: by name.
        rows: N, where it is known.

    Raises:
        ValueError: in words, what is wrong.
    """
    split, hashes = arrays["split"], arrays["train_hashes"]
    _whole_numbers("split", split, -1, 2, rows)
    if hashes.ndim != 2 or hashes.shape[1] != 2 or hashes.dtype.kind not in "iu":
        raise ValueError(f"'train_hashes' is {_shape(hashes)} and should be two whole numbers a line")


def check_predictions(arrays: Arrays, classes: int | None = None, rows: int | None = None) -> None:
    """predictions.npz: rows, split, labels int (M,) and probabilities float (M, K).

    Args:
        arrays: by name.
        classes, rows: of the run's data, where they are known.

    Raises:
        ValueError: in words, what is wrong.
    """
    said = arrays["probabilities"]
    if said.ndim != 2 or said.dtype.kind != "f" or said.shape[1] < 1:
        raise ValueError(f"'probabilities' is {_shape(said)} and should be a line of shares an image")
    _check_classes(said.shape[1], classes)
    _whole_numbers("rows", arrays["rows"], 0, (rows or 2**53) - 1, len(said))
    _whole_numbers("split", arrays["split"], 0, 2, len(said))
    _whole_numbers("labels", arrays["labels"], 0, said.shape[1] - 1, len(said))
    _probabilities(said)


def check_watched(arrays: Arrays, classes: int | None = None, rows: int | None = None) -> None:
    """watched.npz: rows, labels int (M,), epochs int (E,), probabilities float (E, M, K).

    Args:
        arrays: by name.
        classes, rows: of the run's data, where they are known.

    Raises:
        ValueError: in words, what is wrong.
    """
    said = arrays["probabilities"]
    if said.ndim != 3 or said.dtype.kind != "f" or not said.size:
        raise ValueError(f"'probabilities' is {_shape(said)} and should be shares by epoch and image")
    _check_classes(said.shape[2], classes)
    _whole_numbers("epochs", arrays["epochs"], 0, 2**31, said.shape[0])
    _whole_numbers("rows", arrays["rows"], 0, (rows or 2**53) - 1, said.shape[1])
    _whole_numbers("labels", arrays["labels"], 0, said.shape[2] - 1, said.shape[1])
    # A model that came to nothing says NaN, and that is worth seeing.
    _probabilities(said[np.isfinite(said).all(axis=2)])


_FIRST_WORDS = ("phase",)
"""Columns of the tables that hold words."""
_COUNTED = ("epoch", "step")


def check_table(table: pd.DataFrame) -> pd.DataFrame:
    """history.csv and batches.csv: numbers in every column but the phase's.

    Returns:
        The same with columns of numbers as numbers.

    Raises:
        ValueError: in words, what is wrong.
    """
    columns = {}
    for name in table:
        column = table[name]
        if name not in _FIRST_WORDS:
            numbers = pd.to_numeric(column, errors="coerce")
            wrong = column[numbers.isna() & column.notna()]
            if len(wrong):
                raise ValueError(f"column '{name}' holds {str(wrong.iloc[0])[:40]!r}, which is no number")
            column = numbers
        if name in _COUNTED and not (column.between(0, 2**53).all() and (column % 1 == 0).all()):
            raise ValueError(f"column '{name}' does not count")
        columns[name] = column
    return pd.DataFrame(columns)


def _check_classes(here: int, classes: int | None) -> None:
    if classes is not None and here != classes:
        raise ValueError(f"it speaks of {here} classes, and dataset.json names {classes}")


def _whole_numbers(name: str, values: np.ndarray, low: int, high: int, count: int | None = None) -> None:
    if values.ndim != 1 or values.dtype.kind not in "iu" or (count is not None and len(values) != count):
        many = "" if count is None else f"{count:,} "
        raise ValueError(f"'{name}' is {_shape(values)} and should be {many}whole numbers")
    if len(values) and not (low <= values.min() and values.max() <= high):
        raise ValueError(f"'{name}' holds numbers outside {low} to {high:,}")


def _probabilities(values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        raise ValueError("'probabilities' holds NaN or infinity")
    if values.size and not (values.min() >= -1e-3 and values.max() <= 1 + 1e-3):
        raise ValueError("'probabilities' holds numbers outside 0 to 1")
    if values.size and np.abs(values.sum(axis=-1, dtype=np.float64) - 1).max() > _NEAR_ONE:
        raise ValueError("'probabilities' does not add up to 1 for every image")


def _shape(values: np.ndarray) -> str:
    return f"{values.dtype} of shape {values.shape}"
