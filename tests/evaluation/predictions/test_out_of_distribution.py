from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bcc.datasets import load
from bcc.datasets.uploaded_images import UploadedImage
from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import Calibration
from bcc.evaluation.predictions.out_of_distribution import (
    OodDetector,
    fit_ood_detector,
    load_ood_detector,
    save_ood_detector,
)
from bcc.evaluation.predictions.warnings_table import STRANGE, UNSURE, prediction_table, proposed_threshold
from bcc.models.features import FeatureExtractor
from bcc.models.prediction import Predictor
from bcc.models.saving import load_model
from bcc.runs import Run


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    return Run(shutil.copytree(finished_run_folder, tmp_path / "run"))


def detector(features: np.ndarray, neighbour: int = 5) -> OodDetector:
    """One that remembers these features of rows 100, 101, ... with their number modulo 3 as class."""
    count, width = features.shape
    rows, hashes = 100 + np.arange(count), np.zeros((count, 2), np.uint64)
    mean, scale = np.zeros(width, np.float32), np.ones(width, np.float32)
    return OodDetector(features, mean, scale, 1.0, rows, hashes, rows % 3, neighbour)


def test_distance_is_to_the_kth_nearest() -> None:
    rng = np.random.default_rng(0)
    rows, queries = rng.normal(size=(40, 6)).astype(np.float32), rng.normal(size=(5, 6)).astype(np.float32)
    known = detector(rows, neighbour=3)
    pairs = np.sqrt(((queries[:, None] - rows[None]) ** 2).mean(axis=2))
    assert known.distances(queries) == pytest.approx(np.sort(pairs, axis=1)[:, 2], rel=1e-4)
    assert known.strange(np.array([0.5, 1.5])).tolist() == [False, True]
    names = ("a", "b", "c")
    classes = known.nearest_classes(queries, names, 4)
    for text, order in zip(classes, np.argsort(pairs, axis=1)[:, :4], strict=True):
        labels = [names[(100 + place) % 3] for place in order]
        assert dict(part.split() for part in text.split(", ")) == {
            name: str(labels.count(name)) for name in set(labels)
        }
    places, lengths = known.nearest(queries, 2)
    np.testing.assert_array_equal(places, np.argsort(pairs, axis=1)[:, :2])
    assert lengths == pytest.approx(np.sort(pairs, axis=1)[:, :2], rel=1e-4)


def test_features_come_with_the_same_probabilities(run: Run, learned_npz: Path) -> None:
    images = load(learned_npz).images
    model = load_model(run.model)
    extract = FeatureExtractor(model, batch_size=8)
    said, features = extract(images, np.arange(11))
    np.testing.assert_allclose(said, Predictor(model)(images, np.arange(11)), atol=1e-6)
    assert features.shape == (11, extract.width)
    again = extract(images, np.array([10]))[1]
    np.testing.assert_allclose(again[0], features[10], atol=1e-4)


def test_noise_is_strange_and_validation_images_are_not(run: Run, learned_npz: Path) -> None:
    dataset = load(learned_npz)
    extract = FeatureExtractor(load_model(run.model))
    learned = fit_ood_detector(run, dataset, extract)
    sides, _ = run.read_split()
    _, own = extract(dataset.images, np.flatnonzero(sides == 1))
    assert learned.strange(learned.distances(own)).mean() <= 0.2
    noise = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3)).astype(np.uint8)
    assert learned.strange(learned.distances(extract(noise)[1])).all()
    assert learned.strange(learned.distances(extract(255 - dataset.images[:20])[1])).all()

    assert load_ood_detector(run) is None
    save_ood_detector(run, learned)
    kept = load_ood_detector(run)
    assert kept is not None
    np.testing.assert_array_equal(kept.rows, np.flatnonzero(sides == 0))
    np.testing.assert_array_equal(kept.hashes, dataset.row_hashes[kept.rows])
    np.testing.assert_array_equal(kept.labels, dataset.labels[kept.rows])
    some = kept.rows[:7]
    places, lengths = kept.nearest(extract(dataset.images, some)[1], 1)
    assert (lengths < 0.02).all(), "a training row is its own neighbour"
    np.testing.assert_array_equal(dataset.row_hashes[kept.rows[places[:, 0]]], dataset.row_hashes[some])
    assert kept.distances(own) == pytest.approx(learned.distances(own), rel=0.02)
    copied = Run(shutil.copytree(run.folder, run.folder.with_name("copied")))
    assert load_ood_detector(copied) is not None, "a copy of the run keeps it"
    copied.model.write_bytes(copied.model.read_bytes() + b" ")
    assert load_ood_detector(copied) is None, "another model does not"
    with np.load(run.familiarity) as file:
        older = {name: file[name] for name in file.files if name not in {"rows", "hashes", "labels"}}
    np.savez(run.familiarity, **older)
    assert load_ood_detector(run) is None, "an older file does not say which rows it holds"
    run.familiarity.write_bytes(b"damaged")
    assert load_ood_detector(run) is None


def test_too_few_rows_are_said(run: Run, learned_npz: Path) -> None:
    np.savez(run.split, split=np.full(64, -1, np.int8), train_hashes=np.zeros((0, 2), np.uint64))
    with pytest.raises(UserError, match="too few rows"):
        fit_ood_detector(run, load(learned_npz), lambda *_: (np.zeros(0), np.zeros(0)))


def test_opinions_warn_in_plain_words() -> None:
    grey = np.zeros((40, 40, 3), np.uint8)
    handed = [
        UploadedImage("sure.png", grey),
        UploadedImage("broken.png", None, "damaged or cut short"),
        UploadedImage("unsure.png", grey),
        UploadedImage("small.png", grey[:20, :20]),
    ]
    said = np.array([[0.95, 0.04, 0.01], [0.5, 0.1, 0.4], [0.0, 1.0, 0.0]])
    known = detector(np.zeros((9, 2), np.float32))
    table = prediction_table(
        handed, said, ("a", "b", "c"), 0.9, np.array([0.5, 2.0, 0.1]), known, smallest=32
    )
    assert table["file"].tolist() == ["sure.png", "unsure.png", "small.png"]
    assert table["predicted"].tolist() == ["a", "a", "b"]
    assert table["second"].tolist() == ["b", "c", "a"]
    assert table["warning"].tolist() == ["", f"{STRANGE}; {UNSURE}", "enlarged from 20 x 20 px"]
    assert list(table.columns[-3:]) == ["a", "b", "c"]
    scaled = prediction_table(handed, said, ("a", "b", "c"), 0.9, smallest=32, size=(96, 96))
    assert scaled["warning"][0] == "scaled from 40 x 40 px", "cells may not look as large as in training"
    assert prediction_table(handed, said, ("a", "b", "c"), 0.9, size=(40, 40))["warning"][0] == ""
    nothing = prediction_table([handed[1]], np.zeros((0, 3)), ("a", "b", "c"), 0.9)
    pd.testing.assert_index_equal(nothing.columns, table.columns)
    assert nothing.empty


def test_the_proposed_threshold_lies_where_validation_answers_are_right(run: Run) -> None:
    assert 0.5 <= proposed_threshold(run, Calibration())[0] <= 0.99
