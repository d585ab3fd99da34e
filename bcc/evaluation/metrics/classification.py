"""The scores of a classifier, counted from its probabilities.

Labels are positions in the model's class names; -1 marks an image of a class that the model does
not know, which always counts as wrong. Every value equals scikit-learn's where it has one. Drawing
is left to `bcc.figures`, choosing the rows to the caller.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

UNKNOWN = "(another class)"
"""Name of the true class in a row whose label is -1."""


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> pd.DataFrame:
    """Count how often each true class was given each predicted class.

    Args:
        labels: int64 (N,), positions in `classes`, or -1.
        predicted: int64 (N,), positions in `classes`.
        classes: names, in the order of the labels.

    Returns:
        Counts, int64: true classes down, predicted classes across, both in the order of `classes`.
        Where labels of -1 occur, a last line named `UNKNOWN` holds them.
    """
    counts = count_confusions(labels, predicted, len(classes))
    names = [*classes, UNKNOWN]
    frame = pd.DataFrame(
        counts, index=pd.Index(names, name="true"), columns=pd.Index(classes, name="predicted")
    )
    return frame if counts[-1].any() else frame.iloc[:-1]


def per_class(labels: np.ndarray, probabilities: np.ndarray, class_names: Sequence[str]) -> pd.DataFrame:
    """Precision, recall and F1 of each class; a division by zero gives 0.

    Args:
        labels: int64 (N,), positions in `class_names`, or -1.
        probabilities: float (N, K).
        class_names: K names.

    Returns:
        One line a class in the order of `class_names`: class, precision, recall, f1 (0..1), support
        (images of the class) and predicted (images called that).
    """
    counts = count_confusions(labels, _predicted(labels, probabilities, len(class_names)), len(class_names))
    precision, recall, f1 = _scores(counts)
    known = len(class_names)
    return pd.DataFrame(
        {
            "class": list(class_names),
            "precision": precision[:known],
            "recall": recall[:known],
            "f1": f1[:known],
            "support": counts.sum(axis=1)[:known],
            "predicted": counts.sum(axis=0),
        }
    )


def summary(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """The scores of all rows together.

    `macro_f1` is the plain mean of the classes' F1 over the classes that occur, among the labels or
    the predictions, as in scikit-learn's `f1_score(average="macro")`: a class that is neither there
    nor predicted says nothing, and neither helps nor harms. `balanced_accuracy` is the mean recall of
    the classes that occur among the labels. In both, all the rows labelled -1 are one class with the
    score 0. `log_loss` is in nats; a probability of 0 is taken as the smallest step of its number type.

    Args:
        labels: int64 (N,), positions in the K classes, or -1.
        probabilities: float (N, K), rows adding up to 1.

    Returns:
        accuracy, macro_f1, balanced_accuracy (0..1), log_loss and n. Without any row all but n is NaN.
    """
    predicted = _predicted(labels, probabilities, probabilities.shape[1])
    counts = count_confusions(labels, predicted, probabilities.shape[1])
    n = len(labels)
    if n == 0:
        return {
            "accuracy": np.nan,
            "macro_f1": np.nan,
            "balanced_accuracy": np.nan,
            "log_loss": np.nan,
            "n": 0,
        }
    support = counts.sum(axis=1)
    occurs = support + np.append(counts.sum(axis=0), 0) > 0
    _, recall, f1 = _scores(counts)
    given = probability_of_true(labels, probabilities)
    smallest = np.finfo(given.dtype).eps
    return {
        "accuracy": float(np.trace(counts) / n),
        "macro_f1": float(f1[occurs].mean()),
        "balanced_accuracy": float(recall[support > 0].mean()),
        "log_loss": float(-np.log(np.clip(given, smallest, 1 - smallest), dtype=np.float64).mean()),
        "n": n,
    }


def mistakes(
    labels: np.ndarray, probabilities: np.ndarray, class_names: Sequence[str], rows: np.ndarray
) -> pd.DataFrame:
    """The rows that were called wrongly, the surest mistakes first.

    Args:
        labels: int64 (N,), positions in `class_names`, or -1.
        probabilities: float (N, K).
        class_names: K names.
        rows: int64 (N,), the dataset's row of each line.

    Returns:
        row, true and predicted (names), probability (of the predicted class) and probability_of_true
        (0 for a class that the model does not know). Equally sure ones keep their order.
    """
    predicted = _predicted(labels, probabilities, len(class_names))
    wrong = np.flatnonzero(predicted != labels)
    confidence = probabilities[wrong, predicted[wrong]]
    wrong = wrong[np.argsort(-confidence, kind="stable")]
    names = np.array([*class_names, UNKNOWN], dtype=object)
    return pd.DataFrame(
        {
            "row": np.asarray(rows)[wrong],
            "true": names[labels[wrong]],
            "predicted": names[predicted[wrong]],
            "probability": probabilities[wrong, predicted[wrong]],
            "probability_of_true": probability_of_true(labels, probabilities)[wrong],
        }
    )


def about_absent(labels: np.ndarray, class_names: Sequence[str]) -> str:
    """What is not known for want of images, in a sentence; "" where every class has one, or none has.

    Args:
        labels: int64 (N,), positions in `class_names`, or -1.
        class_names: K names.
    """
    absent = [name for label, name in enumerate(class_names) if not (labels == label).any()]
    if not absent or not len(labels):
        return ""
    return (
        f"No image here is {', '.join(absent)}: nothing is known of such a class, it has no recall and no "
        "areas, the means leave it out, and no interval speaks of it."
    )


def _predicted(labels: np.ndarray, probabilities: np.ndarray, classes: int) -> np.ndarray:
    """The likeliest class of each row; the first of equals."""
    if probabilities.shape != (len(labels), classes):
        raise ValueError(
            f"probabilities must have the shape ({len(labels)}, {classes}), not {probabilities.shape}"
        )
    return probabilities.argmax(axis=1) if len(labels) else np.empty(0, dtype=np.int64)


def count_confusions(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """int64 (classes + 1, classes), true down, predicted across; the last line holds labels of -1."""
    if len(labels) and not (labels.min() >= -1 and labels.max() < classes):
        raise ValueError(f"labels must lie in -1..{classes - 1}, not {labels.min()}..{labels.max()}")
    true = np.where(labels < 0, classes, labels).astype(np.int64)
    flat = np.bincount(true * classes + predicted, minlength=(classes + 1) * classes)
    return flat.reshape(classes + 1, classes)


def _scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each line of `count_confusions`, 0 where nothing can be divided."""
    right = np.append(np.diagonal(counts), 0).astype(np.float64)
    support = counts.sum(axis=1)
    predicted = np.append(counts.sum(axis=0), 0)

    def share(of: np.ndarray) -> np.ndarray:
        result: np.ndarray = np.divide(right, of, out=np.zeros_like(right), where=of > 0)
        return result

    return share(predicted), share(support), share((support + predicted) / 2)


def probability_of_true(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """What each row's own class was given; 0 where the model does not know the class."""
    given = probabilities[np.arange(len(labels)), labels]
    result: np.ndarray = np.where(labels < 0, probabilities.dtype.type(0), given)
    return result
