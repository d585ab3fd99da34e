"""A linear model on the simple features: classifies images in seconds, without a network.

The features are standardised, turned into 120 principal components of equal variance, and given to logistic
regression. `bcc.evaluation.baseline` scores it, `bcc.quality.doubtful_labels` finds the labels that it
contradicts. scikit-learn is imported on use.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bcc.cells.fits import ignore_unconverged
from bcc.cells.kernel_ridge import leave_one_out_probabilities

COMPONENTS = 120
MORE_COUNTS = 3.0
"""Weight of a further feature relative to a principal component."""
_THREADS = 2


def linear_probabilities(
    train_features: np.ndarray, train_labels: np.ndarray, features: np.ndarray, classes: int
) -> np.ndarray:
    """Fit the linear model and predict other images.

    Nothing is drawn: the same numbers give the same answer.

    Args:
        train_features: float32 (N, F), N >= 1.
        train_labels: int64 (N,), 0..classes - 1.
        features: float32 (M, F).
        classes: how many there are; those without a training row get the probability 0.

    Returns:
        float64 (M, classes), rows adding up to 1.
    """
    present = np.unique(train_labels)
    if len(present) == 1:
        # Nothing to compare: no component is needed for that.
        return _fitted(train_features, train_labels, features, classes)
    train, other = _components(train_features, features)
    return _fitted(train, train_labels, other, classes)


def _components(
    train_features: np.ndarray, features: np.ndarray, evenness: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Both as principal components of the first; at least one column.

    All have variance 1 there where `evenness` is 1; where it is 0 they keep their own.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train_features)
    train = scaler.transform(train_features)
    n, width = train.shape
    if not train.any():
        return np.zeros((n, 1)), np.zeros((len(features), 1))
    solver = "covariance_eigh" if n > width else "full"
    pca = PCA(max(1, min(COMPONENTS, n - 1, width)), svd_solver=solver)
    train = pca.fit_transform(train)
    spread = train.std(axis=0)
    # Copies and constant columns leave directions without variance; scaling those up would make noise.
    solid = spread > 1e-3 * spread.max()
    other = pca.transform(scaler.transform(features))
    scale = spread[solid] ** evenness
    return train[:, solid] / scale, other[:, solid] / scale


def out_of_fold_probabilities(
    features: np.ndarray,
    labels: np.ndarray,
    classes: int,
    seed: int = 0,
    *,
    more: np.ndarray | None = None,
    folds: int = 5,
    repeats: int = 3,
    doubt: float = 0.05,
    most_rows: int = 20_000,
) -> np.ndarray:
    """Out-of-fold probabilities of each row by a linear model and kernel ridge regression.

    Their geometric mean, since they err on different rows. The linear model learns twice, the second time
    without the rows whose label got hardly any chance the first time, so that wrong labels do not speak for
    one another; nor does the other learn from such rows. The components are the same for all, for they know
    no labels.

    Args:
        features: float32 (N, F).
        labels: int64 (N,), 0..classes - 1.
        classes: how many there are.
        seed: deals the rows of each class into folds.
        more: float32 (N, G), further features alongside the components, each used unchanged.
        folds: how many models are trained each time, at least 2.
        repeats: over how many ways of dealing out the folds the answers are averaged.
        doubt: the chance of its own label below which a row is not learned from the second time.
        most_rows: components and models are made from a sample of so many rows at most.

    Returns:
        float64 (N, classes), rows adding up to 1. A row that is alone in its class gets 0 for it.
    """
    rng = np.random.default_rng(seed)
    sample = np.arange(len(labels))
    if len(sample) > most_rows:
        sample = np.sort(rng.choice(sample, most_rows, replace=False))
    # Components of nearly equal variance drown the cell in noise, those of their own in the background.
    _, components = _components(features[sample], features, evenness=0.5)
    components = components / max(float(np.sqrt((components**2).mean())), 1e-9)
    if more is not None:
        components = np.column_stack([components, MORE_COUNTS * _standardised(more)])
    components = components.astype(np.float32, copy=False)
    shown = np.zeros(len(labels), bool)
    shown[sample] = True
    total = np.zeros((len(labels), classes))
    for _ in range(repeats):
        learned, fold = shown, _folds(labels, folds, rng)
        for _ in range(2):
            probabilities = _across_folds(components, labels, classes, fold, learned)
            learned = shown & (probabilities[np.arange(len(labels)), labels] >= doubt)
        total += probabilities
    straight = total / repeats
    learned = shown & (straight[np.arange(len(labels)), labels] >= doubt)
    bent = leave_one_out_probabilities(components, labels, classes, learned if learned.any() else shown, rng)
    # A class that neither model knows keeps its 0.
    together = np.sqrt(straight * np.where(np.bincount(labels, minlength=classes) > 0, bent, 0))
    return np.asarray(together / np.maximum(together.sum(axis=1, keepdims=True), 1e-12))


def _standardised(values: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and variance 1, cut at five; constant ones become 0."""
    spread = values.std(axis=0)
    return np.asarray(
        np.clip((values - values.mean(axis=0)) / np.where(spread > 1e-6, spread, np.inf), -5, 5)
    )


def _folds(labels: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """A fold for each row, int64 (N,): every class is dealt out evenly."""
    fold = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        # Each class begins at a fold of its own, so that small classes do not all fill the first.
        fold[rows] = (np.arange(len(rows)) + label) % folds
    return fold


def _across_folds(
    components: np.ndarray, labels: np.ndarray, classes: int, fold: np.ndarray, shown: np.ndarray
) -> np.ndarray:
    """Predict each fold with the model trained on the shown rows of the others."""
    from threadpoolctl import threadpool_limits

    probabilities = np.full((len(labels), classes), 1 / max(classes, 1))

    def ask(number: int) -> None:
        learned, asked = np.flatnonzero(shown & (fold != number)), np.flatnonzero(fold == number)
        if len(learned):
            probabilities[asked] = _fitted(components[learned], labels[learned], components[asked], classes)

    # The matrices are too small to share one product among threads: two models side by side are quicker,
    # many times so where other programs want the cores as well.
    with threadpool_limits(limits=1), ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(ask, np.unique(fold).tolist()))
    return probabilities


def _fitted(train: np.ndarray, train_labels: np.ndarray, asked: np.ndarray, classes: int) -> np.ndarray:
    """Logistic regression on components: float64 (M, classes)."""
    from sklearn.linear_model import LogisticRegression

    probabilities = np.zeros((len(asked), classes))
    present = np.unique(train_labels)
    if len(present) == 1:
        probabilities[:, present[0]] = 1.0
        return probabilities
    # Equal variance in all components lets the solver finish in some 25 steps instead of 200. Weighting
    # the classes by their rarity did not raise macro F1 on real cells, so each image counts the same.
    ignore_unconverged()
    model = LogisticRegression(C=0.1, max_iter=300).fit(train, train_labels)
    probabilities[:, model.classes_] = model.predict_proba(asked)
    return probabilities
