"""How often the 95 % intervals hold the true score, and how wide they are: the table of docs/evaluation.md.

Samples are drawn from known truths: 8 classes in the shares of the challenge, and 2, 3 and 12 classes;
accuracy 70, 88, 97 and 99.5 %; mistakes that go anywhere ("even") or mostly from some classes to some others
("mixed"). Each is measured by the functions that the pages use. Run one part at a time:

    python -m bench.interval_coverage matrix|areas|confidence|differences [samples]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np

from bcc.evaluation.calibration.reliability import gap, reliability, top_predictions
from bcc.evaluation.calibration.temperature import at_temperature, fit_temperature
from bcc.evaluation.intervals.confusion import confusion_intervals, difference_intervals
from bcc.evaluation.intervals.curve_areas import area_intervals
from bcc.evaluation.intervals.probabilities import calibration_error_interval, log_loss_interval
from bcc.evaluation.metrics.classification import probability_of_true
from bcc.evaluation.metrics.curves import areas
from bcc.evaluation.metrics.from_confusion import overall_measures

SHARES = {
    8: np.array([1218, 3117, 1551, 2895, 1214, 1420, 3329, 2348.0]),
    2: np.array([3.0, 1.0]),
    3: np.array([3.0, 2.0, 1.0]),
    12: np.linspace(4, 1, 12),
}
ACCURACIES = (0.7, 0.88, 0.97, 0.995)
SIZES = (20, 50, 100, 300, 1300)
MEASURES = ("accuracy", "balanced_accuracy", "macro_f1", "macro_precision", "cohen_kappa", "matthews")


def main() -> None:
    """Draw, measure and print Markdown."""
    part = sys.argv[1] if len(sys.argv) > 1 else "matrix"
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    parts: dict[str, Callable[[int], None]] = {
        "matrix": _matrix, "areas": _areas, "confidence": _confidence, "differences": _differences,
    }  # fmt: skip
    parts[part](samples)


def true_matrix(classes: int, accuracy: float, kind: str) -> np.ndarray:
    """Shares of all fields, (K, K)."""
    shares = SHARES[classes] / SHARES[classes].sum()
    wrong = np.full(classes, 1 - accuracy)
    goes = np.ones((classes, classes))
    if kind == "mixed":
        rng = np.random.default_rng(classes)
        wrong = rng.gamma(1.0, 1.0, classes) + 0.1
        goes = rng.gamma(0.3, 1.0, (classes, classes)) + 0.01
        for _ in range(30):
            wrong = np.minimum(wrong * (1 - accuracy) / (wrong * shares).sum(), 0.9)
    np.fill_diagonal(goes, 0)
    goes /= goes.sum(axis=1, keepdims=True)
    joint: np.ndarray = shares[:, None] * (wrong[:, None] * goes + np.diag(1 - wrong))
    return joint


def _padded(fields: np.ndarray) -> np.ndarray:
    """With a line for labels of -1, which nothing here has."""
    return np.concatenate([fields, np.zeros((*fields.shape[:-2], 1, fields.shape[-1]))], axis=-2)


def _matrix(samples: int) -> None:
    print("| classes | mistakes | images | accuracy | " + " | ".join(MEASURES) + " |")
    for classes, kind, n, accuracy in [*_cases((8,), SIZES), *_cases((2, 3, 12), (20, 50, 300))]:
        matrix = true_matrix(classes, accuracy, kind)
        truth = overall_measures(_padded(matrix))
        drawn = np.random.default_rng(1).multinomial(n, matrix.ravel(), samples)
        found = confusion_intervals(_padded(drawn.reshape(samples, classes, classes)))
        cells = [_cell(*found[name], truth[name]) for name in MEASURES]
        print(f"| {classes} | {kind} | {n:,} | {accuracy:.1%} | " + " | ".join(cells) + " |", flush=True)


def _areas(samples: int) -> None:
    print("| classes | noise | images | accuracy | macro ROC | macro PR | ROC of a class | PR of a class |")
    for classes, kind, n, accuracy in _cases((8, 2, 12), (50, 300), ("normal", "long tails")):
        draw = _answering(classes, accuracy, kind)
        truth = dict(zip(("roc_area", "average_precision"), areas(*draw(200_000)), strict=True))
        whole: dict[str, list] = {name: [] for name in truth}
        single: dict[str, list] = {name: [] for name in truth}
        for _ in range(samples):
            found = area_intervals(*draw(n))
            for name, values in truth.items():
                whole[name].append((*found.macro[name], values.mean()))
                single[name] += [
                    one for one in zip(*found.ends[name], values, strict=True) if np.isfinite(one[0])
                ]
        cells = [_cell(*np.array(one).T) for part in (whole, single) for one in part.values()]
        print(f"| {classes} | {kind} | {n:,} | {accuracy:.1%} | " + " | ".join(cells) + " |", flush=True)


def _confidence(samples: int) -> None:
    print("| answers | images | accuracy | log loss | calibration error |")
    for kind, power in (("as sure as right", 1.0), ("too sure", 0.5), ("not sure enough", 2.0)):
        for n in (50, 300):
            for accuracy in ACCURACIES:
                labels, told = _answering(8, accuracy, "normal")(200_000)
                temperature = fit_temperature(labels[:20_000], told[:20_000]).temperature
                told = at_temperature(told, temperature * power)
                losses = _losses(labels, told)
                true_loss, true_error = losses.mean(), gap(reliability(*top_predictions(labels, told)))
                rng = np.random.default_rng(3)
                of_loss, of_error = [], []
                for _ in range(samples):
                    rows = rng.integers(0, len(labels), n)
                    sure, right = top_predictions(labels[rows], told[rows])
                    second = np.sort(told[rows], axis=1)[:, -2]
                    of_loss.append((*log_loss_interval(losses[rows], right, second), true_loss))
                    groups = reliability(sure, right)[["n", "confidence", "accuracy"]].to_numpy().T
                    of_error.append((*calibration_error_interval(*groups), true_error))
                cells = [_cell(*np.array(one).T) for one in (of_loss, of_error)]
                print(f"| {kind} | {n:,} | {accuracy:.1%} | " + " | ".join(cells) + " |", flush=True)


def _differences(samples: int) -> None:
    print("| first | second | alike | images | " + " | ".join(MEASURES) + " |")
    for first, second, alike in (
        (0.7, 0.75, 0.5), (0.88, 0.88, 0.7), (0.88, 0.94, 0.7), (0.97, 0.97, 0.6), (0.97, 0.995, 0.8),
    ):  # fmt: skip
        matrices = [true_matrix(8, first, "mixed"), true_matrix(8, second, "even")]
        scores = [overall_measures(_padded(one)) for one in matrices]
        for n in (20, 50, 300):
            rng = np.random.default_rng(4)
            found: dict[str, list] = {name: [] for name in MEASURES}
            for _ in range(samples):
                labels = rng.choice(8, n, p=SHARES[8] / SHARES[8].sum())
                hard = rng.random(n)
                other = np.where(rng.random(n) < alike, hard, rng.random(n))
                said = [_said(one, labels, u) for one, u in zip(matrices, (hard, other), strict=True)]
                differences = difference_intervals(labels, said[0], said[1], 8)
                for name in MEASURES:
                    found[name].append((*differences[name][1:], scores[1][name] - scores[0][name]))
            cells = [_cell(*np.array(one).T) for one in found.values()]
            print(
                f"| {first:.1%} | {second:.1%} | {alike:.0%} | {n} | " + " | ".join(cells) + " |", flush=True
            )


def _cases(
    classes: tuple[int, ...], sizes: tuple[int, ...], kinds: tuple[str, ...] = ("even", "mixed")
) -> Iterator[tuple[int, str, int, float]]:
    for many in classes:
        for kind in kinds:
            for n in sizes:
                for accuracy in ACCURACIES:
                    yield many, kind, n, accuracy


def _cell(low: np.ndarray, high: np.ndarray, truth: np.ndarray | float) -> str:
    """Covered, in percent, and the median width; a width of zero would be an error."""
    if (high - low).min() <= 0:
        raise AssertionError("an interval of width zero")
    covered = ((low <= truth + 1e-12) & (truth - 1e-12 <= high)).mean()
    return f"{100 * covered:.1f} ({np.median(high - low):.3f})"


def _answering(classes: int, accuracy: float, noise: str) -> Callable[[int], tuple[np.ndarray, np.ndarray]]:
    """Something that draws so many labels and probabilities, right as often as asked."""
    rng = np.random.default_rng(7)
    shares = SHARES[classes] / SHARES[classes].sum()

    def logits(n: int, lead: float) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.choice(classes, n, p=shares)
        told = rng.standard_t(3, (n, classes)) if noise == "long tails" else rng.normal(0, 1, (n, classes))
        told[np.arange(n), labels] += lead
        return labels, told

    low, high = 0.0, 60.0
    for _ in range(25):
        lead = (low + high) / 2
        labels, told = logits(20_000, lead)
        if (told.argmax(axis=1) == labels).mean() < accuracy:
            low = lead
        else:
            high = lead

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels, told = logits(n, lead)
        powers = np.exp(2.2 * (told - told.max(axis=1, keepdims=True)))
        return labels, powers / powers.sum(axis=1, keepdims=True)

    return draw


def _losses(labels: np.ndarray, told: np.ndarray) -> np.ndarray:
    given = probability_of_true(labels, told)
    losses: np.ndarray = -np.log(np.clip(given, np.finfo(given.dtype).eps, 1), dtype=np.float64)
    return losses


def _said(matrix: np.ndarray, labels: np.ndarray, hard: np.ndarray) -> np.ndarray:
    """Answers that are right for the images that are not too hard: (N,)."""
    rows = matrix / matrix.sum(axis=1, keepdims=True)
    right = np.diagonal(rows)[labels]
    wrong = rows * (1 - np.eye(len(rows)))
    ends = (wrong / wrong.sum(axis=1, keepdims=True)).cumsum(axis=1)[labels]
    where = ((hard - right) / np.maximum(1 - right, 1e-9))[:, None]
    return np.where(hard < right, labels, np.minimum((where > ends).sum(axis=1), len(rows) - 1))


if __name__ == "__main__":
    main()
