from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bcc.errors import UserError
from bcc.jobs import delete, describe, resume
from bcc.models.shipped_weights import Shipped, shipped
from bcc.paths import cache_folder
from bcc.runs import deletable, is_shipped, open_run, shipped_run, shipped_runs, summarise
from bcc.runs import shipped as module


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BCC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BCC_RUNS", str(tmp_path / "runs"))


def test_the_shipped_model_is_a_run_that_was_scored() -> None:
    run = open_run("pbc")
    assert run == shipped_run("pbc") == shipped_runs()[0]
    assert is_shipped(run)
    assert run.folder.is_relative_to(cache_folder())
    summary = summarise(run)
    assert summary.problem == ""
    assert summary.has_model
    assert summary.state is not None
    assert summary.state.status == "finished"
    predictions = run.read_predictions()
    test = predictions.of(2)
    right = test.probabilities.argmax(axis=1) == test.labels
    assert len(right) == 1296
    assert right.mean() == pytest.approx(summary.accuracy)
    assert right.mean() > 0.985
    assert summary.baseline is not None
    assert summary.baseline < right.mean()


def test_its_model_file_holds_the_shipped_weights() -> None:
    from bcc.models import ModelOptions
    from bcc.models.build import build_model
    from bcc.models.saving import load_model
    from bcc.models.weights import fill_weights

    loaded = load_model(open_run("pbc").model)
    built = build_model(ModelOptions(weights="pbc"), 8)
    filled = fill_weights(built, ModelOptions(weights="pbc"))
    assert not filled.missing
    for one, other in zip(loaded.get_weights(), built.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in built.layers]


def test_what_was_learned_of_strange_cells_belongs_to_that_very_file() -> None:
    from bcc.evaluation.predictions.out_of_distribution import load_ood_detector

    known = load_ood_detector(open_run("pbc"))
    assert known is not None
    assert len(known.features) == 2000


def test_the_same_weights_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.keras", "two.keras"):
        module.model_file(shipped("pbc"), tmp_path / name)
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()


def test_a_run_of_ones_own_by_that_name_wins(tmp_path: Path) -> None:
    own = tmp_path / "runs" / "pbc"
    own.mkdir(parents=True)
    (own / "state.json").write_text("{}")
    assert open_run("pbc").folder == own
    assert not is_shipped(open_run("pbc"))


def test_a_folder_of_photographs_by_that_name_is_not_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here" / "pbc").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert is_shipped(open_run("pbc"))
    with pytest.raises(UserError, match="no run directory"):
        open_run("./pbc")


def test_deleting_it_by_name_says_what_it_is() -> None:
    with pytest.raises(UserError, match="'pbc' is the model that ships"):
        deletable("pbc")


def test_it_cannot_be_deleted_renamed_or_resumed() -> None:
    run = open_run("pbc")
    with pytest.raises(UserError, match="ships with BCC"):
        describe(run, name="mine")
    with pytest.raises(UserError):
        delete(run)
    with pytest.raises(UserError, match=r"cannot be resumed\. A new run goes on .* --set weights=pbc"):
        resume(run)
    assert run.model.exists()


def test_damaged_weights_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text('{"sha256": "00"}')
    with pytest.raises(UserError, match="damaged"):
        Shipped("pbc", tmp_path).layers()
    whole = shipped("pbc").folder / "weights.npz"
    (tmp_path / "weights.npz").write_bytes(whole.read_bytes()[:-100])
    (tmp_path / "card.json").write_bytes((shipped("pbc").folder / "card.json").read_bytes())
    with pytest.raises(UserError, match="another hash"):
        Shipped("pbc", tmp_path).layers()


def test_another_version_of_what_ships_makes_another_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    first = module._mark(folder, "aa")
    module._mark.cache_clear()
    assert module._mark(folder, "aa") == first
    assert module._mark(folder, "ab") != first
    (folder / "config.json").write_text("{ }")
    module._mark.cache_clear()
    assert module._mark(folder, "aa") != first
