"""A map of a dataset: a position in the plane for every image, similar images near one another.

There are two maps of the same features. The principal plane is available at once and preserves large
distances; it shows outliers. The neighbour map (t-SNE) takes longer and preserves small distances; it shows
which images belong together. The features come from `bcc.cells.features`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bcc.progress import Progress

COMPONENTS = 50
PERPLEXITY = 30
_EARLY, _LATE, _EVERY = 250, 500, 10
"""Steps of t-SNE: with half of them 12,000 images are still smeared out."""


def components(features: np.ndarray, count: int = COMPONENTS) -> np.ndarray:
    """The first principal components of standardised features.

    Args:
        features: float (N, F).
        count: how many at most.

    Returns:
        float32 (N, M), M at least 2 and at most `count`; columns that there is no variance for are 0.
    """
    from sklearn.decomposition import PCA

    rows, width = features.shape
    values = features.astype(np.float32)
    values -= values.mean(axis=0)
    spread = values.std(axis=0)
    # A column that hardly varies says nothing, and scaling it up would make noise.
    values /= spread + 1e-3
    made = np.zeros((rows, max(2, min(count, width))), np.float32)
    solid = min(made.shape[1], rows - 1, width)
    if solid >= 1 and (spread > 0).any():
        solver = "covariance_eigh" if rows > width else "full"
        made[:, :solid] = PCA(solid, svd_solver=solver).fit_transform(values)
    return made


def principal_plane(parts: np.ndarray) -> np.ndarray:
    """The plane of the first two components.

    Args:
        parts: float (N, M), from `components`.

    Returns:
        float32 (N, 2).
    """
    return np.ascontiguousarray(parts[:, :2], np.float32)


def neighbour_map(parts: np.ndarray, progress: Progress | None = None, seed: int = 0) -> np.ndarray:
    """t-SNE by Fourier interpolation, started from the principal plane.

    Linderman, Rachh, Hoskins, Steinerberger, Kluger, "Fast interpolation-based t-SNE for improved
    visualization of single-cell RNA-seq data", Nature Methods 16, 2019; as openTSNE has it. Where there are
    fewer than 4 images nothing can be laid out, and the principal plane is returned.

    Args:
        parts: float (N, M), from `components`.
        progress: called with (share done, sentence).
        seed: of the search for neighbours.

    Returns:
        float32 (N, 2). The same numbers and seed give the same image up to rounding.
    """
    rows = len(parts)
    plane = principal_plane(parts)
    if rows < 4 or not plane.std():
        return plane
    import openTSNE

    report = progress or (lambda share, sentence: None)
    report(0.0, "Looking for the neighbours of each image")
    perplexity = min(PERPLEXITY, (rows - 1) / 3)
    near = openTSNE.affinity.PerplexityBasedNN(
        parts, perplexity=perplexity, method="annoy", n_jobs=2, random_state=seed
    )
    start = plane / max(float(plane[:, 0].std()), 1e-12) * 1e-4
    steps = _EARLY + _LATE

    def callback(before: int) -> Callable[..., None]:
        def tell(step: int, *_: object) -> None:
            # The callback must return nothing: openTSNE would stop.
            done = before + step
            report(0.15 + 0.85 * done / steps, f"Laying out {rows:,} images, step {done} of {steps}")

        return tell

    few = rows < 2000
    laid = openTSNE.TSNEEmbedding(
        start.astype(np.float64),
        near,
        negative_gradient_method="bh" if few else "fft",
        n_jobs=2,
        random_state=seed,
    )
    for number, exaggeration, momentum, before in ((_EARLY, 12, 0.5, 0), (_LATE, 1, 0.8, _EARLY)):
        laid = laid.optimize(
            number,
            exaggeration=exaggeration,
            momentum=momentum,
            callbacks=callback(before),
            callbacks_every_iters=_EVERY,
        )
    return np.asarray(laid, np.float32)
