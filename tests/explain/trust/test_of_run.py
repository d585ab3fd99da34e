"""Trust in a run: sampled, kept, and refused in one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bcc.datasets import load
from bcc.errors import UserError
from bcc.explain.regions import regions
from bcc.explain.trust import by_class, randomise_weights, trust
from bcc.runs import Run

FEW = ("gradcam",)
STAGE = ["convnext_atto_stage_0_block_1_output"]


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(finished_run_folder, tmp_path / "run")))


def test_scores_are_kept_in_the_run(run: Run, learned_npz: Path) -> None:
    data = load(learned_npz)
    heard: list[float] = []
    found = trust(run, data, 2, FEW, STAGE, progress=lambda share, text: heard.append(share))
    assert heard[0] == 0
    assert heard[-1] == 1
    assert list(found.columns[:5]) == ["row", "class", "picture", "method", "stage"]
    names = np.array(data.class_names)[data.labels[found["row"]]]
    assert (found["class"] == names).all()
    assert not set(found["row"]) & set(np.flatnonzero(run.read_split()[0] == 0)), (
        "training rows are not asked"
    )
    assert len(list(run.trust.iterdir())) == 1
    run.model.touch()
    again = trust(run, data, 2, FEW, STAGE, progress=lambda share, text: pytest.fail("it was asked again"))
    pd.testing.assert_frame_equal(again, found, check_dtype=False)
    table = by_class(found)
    assert set(table["class"]) == set(names)
    other = trust(run, data, 1, FEW, STAGE)
    assert len(other) < len(found)
    assert len(list(run.trust.iterdir())) == 2


def test_what_progress_raises_ends_the_work_and_keeps_nothing(run: Run, learned_npz: Path) -> None:
    def stop(share: float, text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trust(run, load(learned_npz), 1, FEW, STAGE, progress=stop)
    assert not run.trust.exists()


def test_bad_questions_are_one_sentence(run: Run, learned_npz: Path) -> None:
    data = load(learned_npz)
    with pytest.raises(UserError, match="There is no method 'magic'"):
        trust(run, data, 1, ("magic",))
    with pytest.raises(UserError, match="The model has no stage that ends with 'logits'"):
        trust(run, data, 1, FEW, ["logits"])
    with pytest.raises(UserError, match="at least 1 image a class, not 0"):
        trust(run, data, 0, FEW)
    run.model.unlink()
    with pytest.raises(UserError, match="has no model yet"):
        trust(run, data, 1, FEW)


def test_painted_masks_are_exact_and_platelets_have_no_nucleus(learned_npz: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    data = load(learned_npz)
    cells = np.zeros((len(data), 32, 32), bool)
    cells[:, 4:9, 4:9] = True
    np.save(tmp_path / "cell_masks.npy", cells)
    np.save(tmp_path / "nucleus_masks.npy", cells)
    painted = replace(data, folder=tmp_path, class_names=("platelet", "blue", "cyan", "dark"))
    rows = np.array([3, 0, 5])
    found = regions(painted, rows)
    assert found.exact
    np.testing.assert_array_equal(found.cells, cells[rows])
    assert [bool(one.any()) for one in found.nuclei] == [name != 0 for name in data.labels[rows]]
    assert not regions(data, rows).exact


def test_randomisation_begins_with_the_run_and_leaves_it_as_it_was(run: Run, learned_npz: Path) -> None:
    from bcc.explain import Explainer
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    model, data, heard = load_model(run.model), load(learned_npz), []
    before = model.get_weights()
    found = randomise_weights(
        run, data, model, "gradcam", STAGE[0], progress=lambda share, text: heard.append(text)
    )
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    assert found.levels[:2] == ("nothing", "head")
    assert found.levels[-1] == "and stem"
    assert len(heard) == len(found.levels) - 1
    images = np.asarray(data.images[found.rows])
    said = Predictor(model)(images).argmax(axis=1)
    expected = Explainer(model, STAGE[0], "gradcam")(images, said)
    np.testing.assert_allclose(found.maps[0], expected, atol=1e-5)
    filled = found.maps[0].max(axis=(1, 2)) > found.maps[0].min(axis=(1, 2))
    np.testing.assert_allclose(found.likeness[0][filled], 1)
    assert (found.likeness[-1] < 0.99).all()
    frame = found.frame()
    assert len(frame) == len(found.levels) * len(found.rows)
    assert frame.loc[frame["randomised"] == "head", "likeness"].tolist() == found.likeness[1].tolist()
