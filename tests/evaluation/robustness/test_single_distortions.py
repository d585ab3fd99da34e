from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bcc.augment import find
from bcc.augment.geometry import Translation
from bcc.augment.optics import Noise
from bcc.errors import UserError
from bcc.evaluation.robustness import single_distortions as benchmark
from bcc.evaluation.robustness import strength_curve as curves
from bcc.evaluation.robustness.sample import stratified_sample
from bcc.evaluation.robustness.single_distortions import SINGLE
from bcc.evaluation.robustness.strength_curve import AT_ONCE, Cancelled, distorted, strength_curve
from bcc.runs.file_mark import file_mark

RNG = np.random.default_rng(4)


class LeftOrRight:
    """A "model" that says 1 where the right half of an image is the brighter one."""

    image_size = 32
    asked = 0

    def __call__(self, images: np.ndarray) -> np.ndarray:
        self.asked += len(images)
        right = images[:, :, 16:].mean(axis=(1, 2, 3)) > images[:, :, :16].mean(axis=(1, 2, 3))
        return np.stack([~right, right], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def dataset() -> Any:
    """Images with one bright half, and which half it is."""
    labels = np.arange(100) % 2
    images = np.full((100, 32, 32, 3), 60, np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, label * 16 : label * 16 + 16] = 180
    return SimpleNamespace(images=images, labels=labels, fingerprint="f" * 16)


def test_a_curve_falls_where_the_invariance_is_missing(dataset: Any) -> None:
    rows = np.arange(10, 90)
    step = Translation(horizontal=0.5, vertical=0, fill="constant", level=120)
    curve = strength_curve(LeftOrRight(), dataset, rows, step, (0, 0.25, 1))
    assert list(curve["strength"]) == [0, 0.25, 1]
    assert list(curve["n"]) == [80] * 3
    accuracy = curve["accuracy"].to_numpy()
    assert accuracy[0] == 1
    assert accuracy[1] == 1, "a quarter of the way the brighter half stays the brighter one"
    np.testing.assert_array_equal(curve["unchanged"], accuracy)
    level = strength_curve(LeftOrRight(), dataset, rows, Noise(level=10), (0.5, 1))
    assert (level["accuracy"] == 1).all(), "noise changes no mean"


def test_curves_repeat_and_do_not_depend_on_the_batch(dataset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    step = find("random_crop")(smallest=0.2)
    first = strength_curve(LeftOrRight(), dataset, np.arange(40), step)
    again = strength_curve(LeftOrRight(), dataset, np.arange(40), step)
    other = strength_curve(LeftOrRight(), dataset, np.arange(40), step, seed=1)
    assert first.equals(again)
    assert not first.equals(other)
    monkeypatch.setattr(curves, "AT_ONCE", 16)
    assert strength_curve(LeftOrRight(), dataset, np.arange(40), step).equals(first)


def test_given_labels_count(dataset: Any) -> None:
    wrong = 1 - dataset.labels[:20]
    wrong[:5] = -1
    curve = strength_curve(LeftOrRight(), dataset, np.arange(20), Noise(), (0.1,), labels=wrong)
    assert curve["accuracy"][0] == 0
    assert curve["unchanged"][0] == 1


def test_progress_ends_at_one_and_cancel_ends_at_once(dataset: Any) -> None:
    shares: list[float] = []
    strength_curve(
        LeftOrRight(), dataset, np.arange(100), Noise(), progress=lambda share, _: shares.append(share)
    )
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    model = LeftOrRight()
    with pytest.raises(Cancelled):
        strength_curve(model, dataset, np.arange(100), Noise(), cancel=lambda: model.asked > 0)
    assert model.asked <= AT_ONCE


def test_mixing_is_refused(dataset: Any) -> None:
    with pytest.raises(ValueError, match="no single right answer"):
        strength_curve(LeftOrRight(), dataset, np.arange(4), find("mixup")())


def test_few_images_are_distorted_as_many_are(dataset: Any) -> None:
    keys = RNG.integers(-9, 9, (20, 2)).astype(np.int32)
    whole = distorted(dataset.images[:20], Noise(), keys)
    assert whole.dtype == np.uint8
    np.testing.assert_array_equal(distorted(dataset.images[3:4], Noise(), keys[3:4]), whole[3:4])


def test_the_definition_is_twelve_that_change_images_and_mix_nothing(dataset: Any) -> None:
    steps = benchmark.distortions()
    assert len(steps) == 12
    assert {step.topic for step in steps.values()} == {"geometry", "colour", "optics", "hiding"}
    keys = RNG.integers(-9, 9, (8, 2)).astype(np.int32)
    images = RNG.integers(60, 200, (8, 32, 32, 3)).astype(np.uint8)
    for name, step in steps.items():
        assert (distorted(images, step, keys) != images).any(), name


def test_numbers_compare_as_long_as_the_version_stays() -> None:
    """Whoever changes the definition must raise `VERSION` (and this digest)."""
    definition = json.dumps([benchmark._DEFINITION, benchmark.STRENGTHS, benchmark.SEED, benchmark.SAMPLE])
    assert (benchmark.VERSION, blake2b(definition.encode(), digest_size=6).hexdigest()) == (2, "e8c21e666b8b")


def test_the_benchmark_counts(dataset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.arange(30)
    monkeypatch.setattr(benchmark, "distortions", lambda: {"noise": Noise(level=5), "moved": Translation()})
    result = benchmark.measure(LeftOrRight(), dataset, rows, dataset.labels[rows])
    assert [one["distortion"] for one in result.table] == ["noise"] * 5 + ["moved"] * 5
    assert result.clean == 1
    assert result.n == 30
    assert result.mean == pytest.approx(result.frame()["accuracy"].mean())
    assert result.drop == pytest.approx(1 - result.mean)


def test_a_sample_keeps_the_shares() -> None:
    labels = np.repeat([0, 1, 2, 3], [600, 300, 95, 5])
    places = stratified_sample(labels, 100)
    np.testing.assert_array_equal(places, stratified_sample(labels, 100))
    counts = np.bincount(labels[places], minlength=4)
    assert abs(counts - [60, 30, 9, 1]).max() <= 1
    assert len(np.unique(places)) == len(places)
    np.testing.assert_array_equal(stratified_sample(labels[:7], 100), np.arange(7))


@pytest.mark.parametrize(
    "counts", [[600, 300, 95, 5], [50, 50, 50], [1, 1, 1, 1, 96], [40, 1], [7], [3, 3, 2, 2, 1, 1]]
)
def test_a_sample_is_exactly_as_large_as_asked(counts: list[int]) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    for number in range(1, min(len(labels), 60) + 1):
        places = stratified_sample(labels, number)
        assert len(np.unique(places)) == len(places) == number
        taken = np.bincount(labels[places], minlength=len(counts))
        assert (taken <= counts).all()
        if number >= len(counts):
            assert taken.min() >= 1, f"{number} rows hold one of each class"
        else:
            exact = np.array(counts) * number / len(labels)
            assert np.abs(taken - exact).max() < 1, f"{number} rows keep the shares where not all fit"


def test_a_run_is_measured_once_and_cached(
    dataset: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model.keras"
    model.write_bytes(b"first")
    run: Any = SimpleNamespace(id="one", folder=tmp_path, model=model)
    chosen = SimpleNamespace(rows=np.arange(100), labels=dataset.labels)
    monkeypatch.setattr("bcc.evaluation.robustness.suite.choose_rows", lambda *_: chosen)
    monkeypatch.setattr(benchmark, "distortions", lambda: {"noise": Noise(level=5)})
    monkeypatch.setattr("bcc.models.saving.load_model", lambda _: None)
    made: list[LeftOrRight] = []
    monkeypatch.setattr("bcc.models.prediction.Predictor", lambda _: made.append(LeftOrRight()) or made[-1])
    first = SINGLE.of_run(run, dataset, 24)
    assert (first.n, first.rows, first.clean) == (24, "24", 1)
    assert SINGLE.of_run(run, dataset, 24) == first
    assert len(made) == 1, "the second time it is read"
    # The name that version 0.1 gave to this result: what was measured then is still found.
    mark = file_mark(model)
    about = [mark, dataset.fingerprint, 2, 20_231, benchmark.STRENGTHS, benchmark._DEFINITION, 24]
    name = blake2b(json.dumps(about).encode(), digest_size=10).hexdigest()
    assert [path.name for path in (tmp_path / "robustness").iterdir()] == [f"{name}.json"]
    assert SINGLE.of_run(run, dataset, "all").n == 100
    model.write_bytes(b"trained further")
    SINGLE.of_run(run, dataset, 24)
    assert len(made) == 3
    model.unlink()
    with pytest.raises(UserError, match="has no model yet"):
        SINGLE.of_run(run, dataset)
    with pytest.raises(UserError, match="at least one image, not 0"):
        SINGLE.of_run(run, dataset, 0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--rows", "some"], "--rows takes a number"), (["--out", "x.txt"], "--out takes a .json or .csv")],
)
def test_bad_arguments_are_one_sentence(arguments: list[str], sentence: str) -> None:
    from bcc.cli import app

    answer = CliRunner().invoke(app, ["robustness", "nowhere", "--data", "nothing", *arguments])
    assert isinstance(answer.exception, UserError)
    assert sentence in str(answer.exception)
