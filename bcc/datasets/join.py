"""Several datasets as one file: classes matched by name, where each row came from in the column `source`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bcc.datasets import folder_names
from bcc.datasets.conversion import ProgressCallback
from bcc.datasets.dataset import Dataset
from bcc.datasets.export import write_dataset_file
from bcc.errors import UserError

SOURCE = "source"
"""Column that names the dataset of each row."""


@dataclass(frozen=True)
class JoinPlan:
    """How the classes of several datasets become those of one.

    Attributes:
        class_names: of the joined set.
        positions: one array per dataset, int64 (its classes,): position of each class in `class_names`.
    """

    class_names: tuple[str, ...]
    positions: tuple[np.ndarray, ...]

    def table(self, datasets: Sequence[Dataset]) -> list[tuple[str, str, str]]:
        """What becomes of each class: (dataset, its class, class of the joined set)."""
        return [
            (dataset.source, name, self.class_names[at])
            for dataset, positions in zip(datasets, self.positions, strict=True)
            for name, at in zip(dataset.class_names, positions, strict=True)
        ]


def plan_join(datasets: Sequence[Dataset], renamed: Mapping[str, str] | None = None) -> JoinPlan:
    """Match classes by name; case, blanks and separators do not matter.

    Args:
        datasets: two or more, with images of one size.
        renamed: name of a class in any of them -> its name in the joined set.

    Raises:
        UserError: there are fewer than two, sizes differ, or a renamed class does not exist.
    """
    if len(datasets) < 2:
        raise UserError("Joining needs two datasets or more.")
    sizes = {dataset.image_shape for dataset in datasets}
    if len(sizes) > 1:
        listed = ", ".join(f"{one.source} {one.image_shape[1]} x {one.image_shape[0]} px" for one in datasets)
        raise UserError(
            f"The images differ in size ({listed}): open them with one preprocessing, such as resize:96."
        )
    wanted = {folder_names.plain(old): new for old, new in (renamed or {}).items()}
    known = {folder_names.plain(name) for dataset in datasets for name in dataset.class_names}
    if unknown := [old for old in renamed or {} if folder_names.plain(old) not in known]:
        raise UserError(f"None of the datasets has a class '{unknown[0]}'.")
    names: dict[str, str] = {}
    positions = []
    for dataset in datasets:
        own = []
        for name in dataset.class_names:
            target = wanted.get(folder_names.plain(name), name)
            own.append(folder_names.plain(target))
            names.setdefault(own[-1], target)
        positions.append(np.array([list(names).index(one) for one in own], np.int64))
    return JoinPlan(tuple(names.values()), tuple(positions))


def join(
    datasets: Sequence[Dataset], path: Path | str, plan: JoinPlan, progress: ProgressCallback | None = None
) -> int:
    """Write all rows of all datasets into an `.npz`, in order.

    The rows bring the columns of their datasets (empty where one lacks a column), `source`, and the split
    where every dataset has one.

    Args:
        datasets: as of the plan.
        path: the file to write; it appears only when it is complete.
        plan: how classes are matched.
        progress: called with (share done, sentence).

    Returns:
        How many rows were written.

    Raises:
        UserError: the file cannot be written.
    """
    parts = [(dataset, np.arange(len(dataset))) for dataset in datasets]
    write_dataset_file(Path(path), parts, _columns(datasets, plan), progress)
    return sum(map(len, datasets))


def _columns(datasets: Sequence[Dataset], plan: JoinPlan) -> dict[str, np.ndarray]:
    """Everything but the images."""
    labels = [positions[dataset.labels] for dataset, positions in zip(datasets, plan.positions, strict=True)]
    arrays = {"labels": np.concatenate(labels), "class_names": np.array(plan.class_names, str)}
    if all(dataset.split is not None for dataset in datasets):
        arrays["split"] = np.concatenate([np.asarray(dataset.split) for dataset in datasets])
    names = [name for dataset in datasets for name in dataset.columns if name != SOURCE]
    columns: dict[str, list[str]] = {name: [] for name in dict.fromkeys([SOURCE, *names])}
    files: list[str] = []
    for dataset in datasets:
        nothing = ("",) * len(dataset)
        for name, values in columns.items():
            values += (
                dataset.columns.get(name, nothing) if name != SOURCE else (dataset.source,) * len(dataset)
            )
        files += [f"{dataset.source}/{one}" for one in dataset.files] if dataset.files else nothing
    arrays["column_names"] = np.array(list(columns), str)
    arrays["column_values"] = np.array(list(columns.values()), str)
    if any(files):
        arrays["files"] = np.array(files, str)
    return arrays
