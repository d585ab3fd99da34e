"""A run on another set: beside its own, never mixed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, load
from bcc.errors import UserError
from bcc.evaluation import evaluate
from bcc.evaluation.predictions.out_of_distribution import fit_ood_detector
from bcc.evaluation.predictions.sample_predictions import of_split
from bcc.models.features import FeatureExtractor
from bcc.models.saving import load_model
from bcc.runs import Run
from bcc.runs.shipped import shipped_run
from bcc.transfer import home_profile, measure_transfer

TinyNpz = Callable[..., Path]


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    return Run(shutil.copytree(finished_run_folder, tmp_path / "run"))


@pytest.fixture
def extract(run: Run) -> FeatureExtractor:
    return FeatureExtractor(load_model(run.model))


def elsewhere(tiny_npz: TinyNpz, names: tuple[str, ...], **more: object) -> Dataset:
    return load(tiny_npz(rows=48, classes=4, seed=3, class_names=np.array(names), **more))


def test_scores_are_those_of_evaluate_and_home_is_the_own_test_set(
    run: Run, extract: FeatureExtractor, tiny_npz: TinyNpz
) -> None:
    other = elsewhere(tiny_npz, ("amber", "blue", "cyan", "dark"))
    found = measure_transfer(run, other, extract)
    wanted = evaluate(run, other)
    assert found.there.overall["accuracy"][0] == pytest.approx(wanted["accuracy"])
    assert found.there.overall["accuracy"][1:] == pytest.approx(wanted["intervals"]["accuracy"])
    assert found.there.overall["macro_f1"][0] == pytest.approx(wanted["macro_f1"])
    assert found.there.n == 48
    assert found.home is not None
    assert found.home.overall["accuracy"][0] == pytest.approx(of_split(run, "test").overall["accuracy"])
    assert (found.shared, found.only_here, found.only_there) == (run.class_names, (), ())
    assert found.there.unfamiliar is None
    assert "Only 48" not in " ".join(found.notes)


def test_only_shared_classes_count(run: Run, extract: FeatureExtractor, tiny_npz: TinyNpz) -> None:
    other = elsewhere(tiny_npz, ("Amber", "blue", "smudge", "dark"))
    found = measure_transfer(run, other, extract)
    assert found.there.n == 36
    assert found.shared == ("amber", "blue", "dark")
    assert found.only_here == ("cyan",)
    assert found.only_there == ("smudge",)
    assert any(
        "12 images of classes that the run never saw (smudge) are left out" in note for note in found.notes
    )
    assert not any("count as wrong" in note for note in found.notes)
    assert found.home is not None
    own = of_split(run, "test")
    assert found.home.n == int((own.labels != 2).sum()), "the home score is about the same classes"
    assert found.per_class()["class"].tolist() == ["amber", "blue", "dark"]


def test_unfamiliar_images_are_counted(
    run: Run, extract: FeatureExtractor, tiny_npz: TinyNpz, learned_npz: Path
) -> None:
    known = fit_ood_detector(run, load(learned_npz), extract)
    alike = measure_transfer(run, elsewhere(tiny_npz, run.class_names), extract, known)
    noise = np.random.default_rng(0).integers(0, 256, (48, 32, 32, 3)).astype(np.uint8)
    strange = measure_transfer(run, elsewhere(tiny_npz, run.class_names, images=noise), extract, known)
    assert alike.there.unfamiliar is not None
    assert strange.there.unfamiliar is not None
    assert alike.there.unfamiliar < 0.3
    assert strange.there.unfamiliar > 0.9


def test_differences_are_measured_against_the_training_images(
    run: Run, extract: FeatureExtractor, tiny_npz: TinyNpz, learned_npz: Path
) -> None:
    darker = np.clip(load(tiny_npz(rows=48, classes=4, seed=3)).images.astype(int) - 60, 0, 255).astype(
        np.uint8
    )
    found = measure_transfer(run, elsewhere(tiny_npz, run.class_names, images=darker), extract)
    assert found.differences is not None
    background = found.differences[0]
    assert background.notable
    assert run.profile.exists(), "measured once, and saved with the run"
    before = run.profile.read_text()
    home_profile(run)
    assert run.profile.read_text() == before
    run.profile.write_text("{}")
    assert home_profile(run).n > 0, "a damaged profile is measured again"


def test_without_the_runs_data_it_is_said(run: Run, extract: FeatureExtractor, tiny_npz: TinyNpz) -> None:
    info = run.read_json(run.dataset)
    run.dataset.write_text(json.dumps({**info, "fingerprint": "f" * 16, "location": "gone.npz"}))
    found = measure_transfer(run, elsewhere(tiny_npz, run.class_names), extract)
    assert found.differences is None
    assert any("cannot be measured" in note for note in found.notes)
    assert json.dumps(found.to_dict())


def test_bad_input_is_one_sentence(
    run: Run, extract: FeatureExtractor, tiny_npz: TinyNpz, learned_npz: Path
) -> None:
    with pytest.raises(UserError, match="is the run's own data"):
        measure_transfer(run, load(learned_npz), extract)
    with pytest.raises(UserError, match="no name in common"):
        measure_transfer(run, elsewhere(tiny_npz, ("cat", "dog", "cow", "hen")), extract)
    few = load(tiny_npz(rows=3, classes=1, seed=4, class_names=np.array(["blue"])))
    found = measure_transfer(run, few, extract)
    assert any("Only 3 images" in note for note in found.notes)
    grey = np.repeat(np.random.default_rng(0).integers(0, 256, (48, 32, 32, 1)), 3, axis=3).astype(np.uint8)
    assert measure_transfer(run, elsewhere(tiny_npz, run.class_names, images=grey), extract).there.n == 48
    smaller = load(tiny_npz(rows=48, classes=4, size=20, seed=3, class_names=np.array(run.class_names)))
    assert measure_transfer(run, smaller, extract).there.n == 48


def test_the_shipped_model_knows_how_its_photographs_look() -> None:
    profile = home_profile(shipped_run("pbc"))
    assert profile.n == 300
    assert profile.middle["cell_share"] == pytest.approx(0.69, abs=0.05)
    assert profile.stain is not None


def test_another_mix_of_classes_is_noted(run: Run, extract: FeatureExtractor, tiny_npz: TinyNpz) -> None:
    alike = measure_transfer(run, elsewhere(tiny_npz, run.class_names), extract)
    assert not any("other shares" in note for note in alike.notes)
    labels = np.array([1] * 40 + [0, 2, 3, 1] * 2)
    skewed = measure_transfer(run, elsewhere(tiny_npz, run.class_names, labels=labels), extract)
    assert any("more blue" in note and "for that reason alone" in note for note in skewed.notes)
