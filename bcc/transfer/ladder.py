"""What brings a run back on another laboratory's cells, step by step, from nothing to a few labels.

Every step is scored on the same images. Those that need labels are cross-validated: they learn from a few
labelled cells, drawn class by class, and are scored on all others; that is repeated with other draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.cells.set_profile import SetProfile, profile_of
from bcc.datasets import Dataset
from bcc.evaluation.calibration.reliability import expected_calibration_error
from bcc.evaluation.calibration.temperature import calibration_of, fit_temperature
from bcc.evaluation.metrics.classification import summary
from bcc.evaluation.predictions.out_of_distribution import OodDetector
from bcc.evaluation.predictions.test_time_augmentation import Views, parse_views
from bcc.models.features import FeatureExtractor
from bcc.progress import Progress
from bcc.runs import Run
from bcc.transfer.differences import scale_factor
from bcc.transfer.feature_matching import Head, restandardised
from bcc.transfer.home import home_profile
from bcc.transfer.image_matching import macenko, match_scale, match_white_balance, reinhard
from bcc.transfer.rows import foreign_rows
from bcc.wilson import wilson

if TYPE_CHECKING:
    import keras

SCALE_STEP = 0.1
"""Cells are brought to scale where their size differs by more than this share."""
LABELLED = (5, 20, 100)
"""Labelled cells per class that a new head learns from."""
FOR_TEMPERATURE = 32
"""Labelled cells that a temperature is fitted on."""
DRAWS = 10
"""Draws of labelled cells, each scored on all others."""
_TOGETHER = 256
"""Images whose matched copies are in memory at once."""

Transform = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Rung:
    """One step of the ladder.

    Attributes:
        name: in a word, for commands: "nothing", "scale", "reinhard", ...
        title: for a person.
        accuracy, low, high: 0..1, with a 95 % interval: Wilson's, or where labels were drawn the range that
            holds 95 % of the draws.
        macro_f1, calibration_error: as of `evaluate`.
        labels: labelled cells that it needs, in all.
        n: images that it was scored on.
    """

    name: str
    title: str
    accuracy: float
    low: float
    high: float
    macro_f1: float
    calibration_error: float
    labels: int
    n: int


@dataclass(frozen=True)
class Ladder:
    """All steps in order, and sentences that belong beside them."""

    run: str
    source: str
    rungs: tuple[Rung, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return {
            "run": self.run,
            "source": self.source,
            "rungs": [asdict(one) for one in self.rungs],
            "notes": list(self.notes),
        }


def climb(
    run: Run,
    dataset: Dataset,
    model: keras.Model,
    familiarity: OodDetector | None,
    labelled: Sequence[int] = LABELLED,
    progress: Progress | None = None,
    seed: int = 0,
) -> Ladder:
    """Try every step on labelled cells from elsewhere.

    Args:
        run: a finished run, or the model that ships.
        dataset: the other laboratory's cells, prepared as the run wants its images.
        model: of the run.
        familiarity: of the run; without it features cannot be re-standardised.
        labelled: cells per class for a new head; a number that no class has is left out.
        progress: called with (share done, sentence).
        seed: of the draws.

    Raises:
        UserError: the set is the run's own, or no image has a class that the run knows.
    """
    chosen = foreign_rows(run, dataset)
    rows, labels = chosen.rows, chosen.labels
    home, other = home_profile(run), profile_of(dataset.images, chosen.sample)
    steps = _image_steps(home, other)
    notes: list[str] = []
    if other.stain is None or home.stain is None:
        notes.append("Too little is stained to estimate the dyes, so Macenko's normalisation is left out.")
    extract = FeatureExtractor(model)
    calibration = calibration_of(run)
    parts = len(steps) + 9

    def report(done: float, text: str) -> None:
        if progress is not None:
            progress(min(done / parts, 1.0), text)

    found: list[Rung] = []
    outputs: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for place, (name, title, transform) in enumerate(steps):
        report(place, title)
        outputs[name] = _predict(extract, dataset.images, rows, transform)
        found.append(_rung(name, title, labels, calibration(outputs[name][0])))
    matched = {name: transform for name, _, transform in steps}["scale"]
    probabilities, features = outputs["scale"]
    report(len(steps), "Features re-standardised")
    head = _head(model, extract, outputs["nothing"])
    if head is None or familiarity is None:
        notes.append("Features are not re-standardised: the run's own features or its head are not known.")
    else:
        probabilities, _, _ = restandardised(head, features, probabilities, familiarity)
        found.append(
            _rung("features", "Features re-standardised, class-balanced", labels, calibration(probabilities))
        )
    views = [outputs["scale"]]
    views += _views(extract, dataset.images, rows, matched, lambda n: report(len(steps) + n, "Several views"))
    if head is not None and familiarity is not None:
        averaged = np.mean([restandardised(head, f, p, familiarity)[0] for p, f in views], axis=0)
    else:
        averaged = np.mean([p for p, _ in views], axis=0)
    found.append(_rung("views", "Eight views averaged", labels, calibration(averaged)))
    report(parts - 1, "A temperature and new heads from a few labels")
    found += _with_labels(labels, averaged, features, labelled, seed, run.class_names, notes)
    return Ladder(run.id, dataset.source, tuple(found), (*chosen.notes, *notes))


def _image_steps(home: SetProfile, other: SetProfile) -> list[tuple[str, str, Transform]]:
    """What is done to images, in order: name, title and function of uint8 (n, H, W, 3)."""
    factor = scale_factor(home, other)
    scales = bool(np.isfinite(factor)) and max(factor, 1 / factor) > 1 + SCALE_STEP

    def to_scale(images: np.ndarray) -> np.ndarray:
        return match_scale(images, factor, other.glass) if scales else images

    steps: list[tuple[str, str, Transform]] = [
        ("nothing", "As it is", lambda images: images),
        (
            "scale",
            "Scale and white balance matched",
            lambda images: match_white_balance(to_scale(images), home, other),
        ),
    ]
    if home.lab_mean is not None and other.lab_mean is not None:
        steps.append(
            (
                "reinhard",
                "Scale, and stain after Reinhard",
                lambda images: reinhard(to_scale(images), home, other),
            )
        )
    here, there = home.stain, other.stain
    if here is not None and there is not None:
        steps.append(
            (
                "macenko",
                "Scale, and stain after Macenko",
                lambda images: macenko(to_scale(images), here, there),
            )
        )
    return steps


def _predict(
    extract: FeatureExtractor, images: np.ndarray, rows: np.ndarray, transform: Transform
) -> tuple[np.ndarray, np.ndarray]:
    parts = [
        extract(transform(np.asarray(images[rows[start : start + _TOGETHER]])))
        for start in range(0, len(rows), _TOGETHER)
    ]
    return np.concatenate([p for p, _ in parts]), np.concatenate([f for _, f in parts])


def _views(
    extract: FeatureExtractor,
    images: np.ndarray,
    rows: np.ndarray,
    transform: Transform,
    report: Callable[[int], None],
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Probabilities and features of the seven other turns and mirrors of the images."""
    views = parse_views("turns")
    found = []
    for view in range(1, views.count):
        report(view)
        found.append(
            _predict(
                extract,
                images,
                rows,
                partial(_view, transform, views, view),
            )
        )
    return found


def _view(transform: Transform, views: Views, view: int, images: np.ndarray) -> np.ndarray:
    return views.of(transform(images), np.arange(len(images)), view)


def _head(
    model: keras.Model, extract: FeatureExtractor, output: tuple[np.ndarray, np.ndarray]
) -> Head | None:
    """The model's head, where it can be applied to features."""
    try:
        head = Head(model, extract.width)
    except ValueError:
        return None
    return head if head.understands(output[1], output[0]) else None


def _rung(name: str, title: str, labels: np.ndarray, probabilities: np.ndarray) -> Rung:
    scores = summary(labels, probabilities)
    low, high = wilson(np.array(scores["accuracy"]), np.array(len(labels)))
    error = expected_calibration_error(labels, probabilities)
    return Rung(
        name, title, scores["accuracy"], float(low), float(high), scores["macro_f1"], error, 0, len(labels)
    )


def _with_labels(
    labels: np.ndarray,
    probabilities: np.ndarray,
    features: np.ndarray,
    labelled: Sequence[int],
    seed: int,
    class_names: Sequence[str],
    notes: list[str],
) -> list[Rung]:
    """A temperature, and new heads, from a few labelled cells."""
    rungs = []
    classes, counts = np.unique(labels, return_counts=True)
    share = max(FOR_TEMPERATURE // len(classes), 1)
    if len(labels) >= 2 * FOR_TEMPERATURE and counts.min() > share:
        rungs.append(
            _drawn(
                "temperature",
                f"A temperature from {share * len(classes)} labelled cells",
                labels,
                share,
                seed,
                partial(_calibrated, labels, probabilities),
            )
        )
    else:
        notes.append(
            f"Fewer than {2 * FOR_TEMPERATURE} labelled cells, or no more than {share} of a class: no "
            "temperature is fitted."
        )
    if len(classes) < 2:
        notes.append("All cells are of one class: a new head has nothing to tell apart.")
        return rungs
    for count in labelled:
        if counts.min() <= count:
            rare = class_names[classes[counts.argmin()]]
            notes.append(f"No head from {count} cells per class: {rare} has only {counts.min()} images.")
            continue
        rungs.append(
            _drawn(
                f"head{count}", f"A new head from {count} labelled cells per class", labels, count, seed,
                partial(_new_head, features, labels, len(class_names)),
            )
        )  # fmt: skip
    return rungs


def _drawn(
    name: str,
    title: str,
    labels: np.ndarray,
    per_class: int,
    seed: int,
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Rung:
    """Score what learns from `per_class` labelled cells, over several draws of them."""
    accuracies, f1s, errors = [], [], []
    classes = np.unique(labels)
    for draw in range(DRAWS):
        rng = np.random.default_rng((seed, per_class, draw))
        few = np.concatenate(
            [rng.choice(np.flatnonzero(labels == one), per_class, replace=False) for one in classes]
        )
        rest = np.setdiff1d(np.arange(len(labels)), few)
        probabilities = predict(few, rest)
        scores = summary(labels[rest], probabilities)
        accuracies.append(scores["accuracy"])
        f1s.append(scores["macro_f1"])
        errors.append(expected_calibration_error(labels[rest], probabilities))
    needed = per_class * len(classes)
    low, high = np.percentile(accuracies, [2.5, 97.5])
    return Rung(
        name, title, float(np.mean(accuracies)), float(low), float(high), float(np.mean(f1s)),
        float(np.mean(errors)), needed, len(labels) - needed,
    )  # fmt: skip


def _calibrated(
    labels: np.ndarray, probabilities: np.ndarray, few: np.ndarray, rest: np.ndarray
) -> np.ndarray:
    """Probabilities of `rest` at the temperature that fits `few`."""
    return fit_temperature(labels[few], probabilities[few])(probabilities[rest])


def _new_head(
    features: np.ndarray, labels: np.ndarray, classes: int, few: np.ndarray, rest: np.ndarray
) -> np.ndarray:
    """Probabilities of `rest` by a logistic regression on the features of `few`: float32 (M, classes)."""
    from sklearn.linear_model import LogisticRegression

    from bcc.cells.fits import ignore_unconverged

    ignore_unconverged()
    learned = features[few]
    mean, spread = learned.mean(axis=0), np.maximum(learned.std(axis=0), 1e-3)
    learner = LogisticRegression(C=0.01, max_iter=300)
    learner.fit((learned - mean) / spread, labels[few])
    found = np.zeros((len(rest), classes), np.float32)
    found[:, learner.classes_] = learner.predict_proba((features[rest] - mean) / spread)
    return found
