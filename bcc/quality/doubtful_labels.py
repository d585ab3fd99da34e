"""Labels that the images contradict.

Confident learning (Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset
Labels", JAIR 2021; the library is cleanlab) on probabilities from models that were not trained on the row in
question: a cross-validated linear head and kernel ridge regression over simple features and shapes, or over
another model's features, or probabilities that were handed in. Rows that hold no cell, and images that stand
under two labels, take no part.
"""

from __future__ import annotations

import numpy as np

from bcc.cells.linear_model import out_of_fold_probabilities
from bcc.datasets.classes import UNLABELLED
from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.findings import findings_frame
from bcc.specs import option


class DoubtfulLabels(Check):
    """Rows whose own label is given almost no chance, and that confident learning marks or that are clear."""

    limit: float = option(
        0.08,
        "Chance of the given label below which confident learning is believed",
        gt=0,
        lt=1,
    )
    sure: float = option(
        0.04, "Chance below which a label is doubtful though confident learning expects fewer", ge=0, lt=1
    )
    fewest: int = option(8, "Members that a class needs to be judged", ge=2)
    folds: int = option(5, "Models of the cross-validation", ge=2, le=20)

    @property
    def name(self) -> str:
        """Name of the check."""
        return "doubtful labels"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of findings that it reports."""
        return ("doubtful_label",)

    def run(self, context: ScanContext) -> Result:
        """Judge the label of every distinct image that can be judged."""
        labels, classes = context.labels, len(context.dataset.class_names)
        probabilities = np.full((len(labels), classes), np.nan)
        judged = self._judged(context)
        if len(np.unique(labels[judged])) > 1:
            probabilities[judged] = self._probabilities(context, judged)
        # What was handed in may be silent about some rows.
        judged &= np.isfinite(probabilities).all(axis=1)
        own = np.ones(len(labels))
        own[judged] = probabilities[judged, labels[judged]]
        found = np.zeros(len(labels), bool)
        if len(np.unique(labels[judged])) > 1:
            # In small sets confident learning expects fewer wrong labels than there are.
            marked = _marked(labels[judged], probabilities[judged]) | (own[judged] < self.sure)
            found[judged] = marked & (own[judged] < self.limit)
        likelier = np.where(judged, np.nan_to_num(probabilities).argmax(axis=1), labels)
        score = np.where(
            own < self.limit, 0.5 * own / self.limit, 0.5 + 0.5 * (own - self.limit) / (1 - self.limit)
        )
        score = np.where(found, score, np.maximum(score, 0.5))
        rows = context.all_rows(found)
        line = context.groups[rows]
        names = context.dataset.class_names
        detail = [
            f"Labelled {names[labels[one]]}, but looks like {names[likelier[one]]} "
            f"({probabilities[one, likelier[one]]:.0%} against {own[one]:.1%})."
            for one in line
        ]
        return Result(
            findings_frame(rows, "doubtful_label", score[line], "review", detail),
            {"doubtful_label": context.spread(score)},
            {
                "label_probability": context.spread(np.where(judged, own, np.nan)),
                "likelier_label": context.spread(likelier.astype(float)),
            },
        )

    def _judged(self, context: ScanContext) -> np.ndarray:
        judged = ~context.suspects & ~context.conflicting
        names = context.dataset.class_names
        if UNLABELLED in names:
            # No label is not a wrong one.
            judged &= context.labels != names.index(UNLABELLED)
        counts = np.bincount(context.labels[judged], minlength=len(context.dataset.class_names))
        enough: np.ndarray = judged & (counts[context.labels] >= self.fewest)
        return enough

    def _probabilities(self, context: ScanContext, judged: np.ndarray) -> np.ndarray:
        rows = np.flatnonzero(judged)
        if context.given_probabilities is not None:
            given = context.given_probabilities[context.rows[rows]].astype(np.float64)
            total = given.sum(axis=1, keepdims=True)
            return np.asarray(given / np.where(total > 0, total, np.nan))
        more = None
        if context.given_features is not None:
            features = context.given_features[context.rows]
        else:
            features, more = context.features, context.shapes[rows]
        context.progress(0.8, "Asking of each label what the other images say")
        return out_of_fold_probabilities(
            features[rows].astype(np.float32, copy=False),
            context.labels[rows],
            len(context.dataset.class_names),
            context.seed,
            more=more,
            folds=self.folds,
        )


def _marked(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """bool (N,), the rows that confident learning holds for mislabelled."""
    from cleanlab.filter import find_label_issues

    present, compact = np.unique(labels, return_inverse=True)
    among = probabilities[:, present]
    among = among / np.maximum(among.sum(axis=1, keepdims=True), 1e-12)
    marked: np.ndarray = find_label_issues(compact, among, filter_by="low_self_confidence", n_jobs=1)
    return marked
