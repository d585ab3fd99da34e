"""How many labels it takes: cells labelled at random beside the orders of the Label page, simulated.

`python -m bench labelling` asks the shipped model about holdout photographs, which it never saw, and
simulates a person who labels a grid of 24 cells at a time with the true labels. After every grid a linear
model on the features is trained on what is labelled and scored on cells that were set aside. The table says
how many labels reach 90, 95 and 99 % of the accuracy that labels for all cells give.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bcc.datasets import load
from bcc.evaluation.label_order import Order, label_order
from bench.pages import PHOTOGRAPHS
from bench.report import machine, table

BATCH = 24
"""Cells of a page of the grid."""
ORDERS: tuple[Order | None, ...] = (None, "unsure", "different", "both")
NAMES: dict[Order | None, str] = {None: "random"}
SHARES = (0.9, 0.95, 0.99)
"""Of the accuracy that labels for all cells give."""
AFTER = (24, 48, 96, 192)
"""Labels after which accuracy is stated."""


def main(holdout: Path | None = None, seeds: int = 5, features: str = "pbc") -> None:
    """Simulate and print a table.

    Args:
        holdout: `holdout.npz` of the real photographs, made when missing.
        seeds: how many divisions into cells to label and cells to score.
        features: "pbc", what the shipped model sees, or "simple", colours and edges.
    """
    dataset = load(str(holdout or _made()))
    values = _features(dataset.images, features)
    labels = np.asarray(dataset.labels)
    rows = []
    for order in ORDERS:
        curves = [_curve(values, labels, order, seed) for seed in range(seeds)]
        reached = [_labels_to(curves, share) for share in SHARES]
        after = [f"{np.mean([curve[n] for curve in curves]):.1%}" for n in AFTER]
        all_labels = f"{np.mean([curve[max(curve)] for curve in curves]):.1%}"
        rows.append([NAMES.get(order, str(order)), *reached, *after, all_labels])
    header = ["order", *(f"to {share:.0%}" for share in SHARES), *(f"after {n}" for n in AFTER), "all labels"]
    about = (
        f"{len(labels):,} cells, half to label, half to score; {features} features; mean of {seeds} "
        f"divisions. {machine('scikit-learn')}"
    )
    table("Labels needed", header, rows, about)


def _made() -> Path:
    """The holdout photographs, made in a folder of their own."""
    folder = Path(tempfile.mkdtemp())
    subprocess.run([sys.executable, str(PHOTOGRAPHS), str(folder)], check=True)
    return folder / "holdout.npz"


def _features(images: np.ndarray, which: str) -> np.ndarray:
    if which == "simple":
        from bcc.cells.features import simple_features

        values = simple_features(images)
    else:
        from bcc.models.features import FeatureExtractor
        from bcc.models.saving import load_model
        from bcc.runs import open_run

        _, values = FeatureExtractor(load_model(open_run("pbc").model))(images)
    spread = np.maximum(values.std(axis=0), 1e-6)
    return np.asarray((values - values.mean(axis=0)) / spread, np.float32)


def _curve(features: np.ndarray, labels: np.ndarray, order: Order | None, seed: int) -> dict[int, float]:
    """Accuracy on the cells set aside by the number of labels; the last entry is that of all labels."""
    from sklearn.model_selection import train_test_split

    pool, aside = train_test_split(np.arange(len(labels)), test_size=0.5, stratify=labels, random_state=seed)
    rng = np.random.default_rng(seed)
    labelled, classes = np.zeros(len(pool), bool), int(labels.max()) + 1
    probabilities = np.full((len(pool), classes), 1 / classes)
    curve: dict[int, float] = {}
    while not labelled.all():
        if order is None:
            left = np.flatnonzero(~labelled)
            chosen = rng.permutation(left)[:BATCH]
        else:
            # Nothing is known at first, so that every order but random begins with different cells.
            first = "different" if not labelled.any() else order
            chosen = label_order(first, probabilities, features[pool], labelled, BATCH)
        labelled[chosen] = True
        model = _trained(features[pool[labelled]], labels[pool[labelled]])
        if model is None:
            continue
        known = model.classes_
        probabilities = np.zeros((len(pool), classes))
        probabilities[:, known] = model.predict_proba(features[pool])
        curve[int(labelled.sum())] = float((model.predict(features[aside]) == labels[aside]).mean())
    return curve


def _trained(features: np.ndarray, labels: np.ndarray) -> Any:
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:
        return None
    return LogisticRegression(C=0.1, max_iter=500).fit(features, labels)


def _labels_to(curves: list[dict[int, float]], share: float) -> str:
    """Mean number of labels from which on the accuracy stays at a share of that of all labels."""
    found = []
    for curve in curves:
        numbers, wanted = sorted(curve), share * curve[max(curve)]
        short = [n for n in numbers if curve[n] < wanted]
        found.append(next(n for n in numbers if not short or n > short[-1]))
    return f"{np.mean(found):.0f} ({min(found)} to {max(found)})"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("holdout", type=Path, nargs="?")
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--features", choices=("pbc", "simple"), default="pbc")
    main(**vars(arguments.parse_args()))
