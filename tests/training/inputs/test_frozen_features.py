"""Frozen parts are computed once, and nothing that a run says changes by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bcc.errors import UserError
from bcc.models import ARCHITECTURES, Architecture
from bcc.runs import Run
from bcc.training import TrainConfig
from bcc.training.inputs.feature_cache import features_folder
from bcc.training.train import start

pytestmark = pytest.mark.session_folders

PHASES = {
    "head": {"epochs": 2, "learning_rate": 0.01},
    "fine_tune": {"epochs": 2, "learning_rate": 0.003, "trainable_share": 0.5, "recipe": "flips"},
}


@pytest.fixture(scope="module", autouse=True)
def _small(small_architecture: Architecture) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "atto", small_architecture)
        yield


@pytest.fixture(scope="module")
def config(small_config: Callable[..., TrainConfig]) -> Callable[..., TrainConfig]:
    """Fixed views, and a trunk with skipped blocks that must rest while it is frozen."""

    def make(**changes: object) -> TrainConfig:
        base = {
            "recipe": "gentle",
            "validation_recipe": "flips",
            "views": 2,
            "stochastic_depth": 0.5,
            "seed": 3,
            **PHASES,
        }
        return small_config(epochs=None, learning_rate=None, **{**base, **changes})

    return make


@pytest.fixture(scope="module")
def runs(config: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("cached")
    return {name: start(config(cache=name), folder / name) for name in ("off", "on")}


def said(run: Run) -> pd.DataFrame:
    return run.read_batches().drop(columns="images_per_second")


def test_losses_are_the_same_to_the_last_bit(runs: dict[str, Run]) -> None:
    pd.testing.assert_frame_equal(said(runs["off"]), said(runs["on"]), check_exact=True)
    histories = [runs[name].read_history().drop(columns=["images_per_second", "seconds"]) for name in runs]
    pd.testing.assert_frame_equal(*histories, check_exact=True)
    assert histories[0]["phase"].tolist() == ["head", "head", "fine_tune", "fine_tune"]
    assert "computed once for 92 images and views" in runs["on"].log.read_text()
    assert "computed once" not in runs["off"].log.read_text()


def test_the_recipes_of_phases_and_validation_are_kept_and_count(runs: dict[str, Run]) -> None:
    kept = {path.name: len(json.loads(path.read_text())["steps"]) for path in runs["on"].folder.glob("rec*")}
    assert kept == {"recipe.json": 2, "recipe-validation.json": 1, "recipe-fine_tune.json": 1}
    # 40 rows in two views and 12 to validate on, for each frozen part.
    stores = [np.load(path) for path in features_folder().glob("*/sums.npy")]
    assert sorted(int((sums > 0).sum()) for sums in stores) == [12, 12, 40, 40, 40, 40]


def test_a_second_run_skips_extraction(
    config: Callable[..., TrainConfig], runs: dict[str, Run], tmp_path: Path
) -> None:
    """What if the head had learned faster? The head's features are those of the run before."""
    changed = config(head={"epochs": 1, "learning_rate": 0.1}, fine_tune={"epochs": 0}, all={"epochs": 0})
    run = start(changed, tmp_path / "second")
    assert "already computed by an earlier run" in run.log.read_text()


def test_a_store_that_broke_is_computed_again(
    config: Callable[..., TrainConfig], runs: dict[str, Run], tmp_path: Path
) -> None:
    for store in features_folder().glob("*/features.bin"):
        content = bytearray(store.read_bytes())
        content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
        store.write_bytes(content)
    run = start(config(), tmp_path / "again")
    assert "computed once" in run.log.read_text()
    pd.testing.assert_frame_equal(said(runs["off"]), said(run), check_exact=True)


def test_a_cache_that_must_be_used_and_cannot_is_one_sentence(
    config: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="the recipe 'gentle' draws afresh in every epoch: set views to 1"):
        start(config(cache="on", views=0), tmp_path / "afresh")
    with pytest.raises(UserError, match=r"more than cache_gigabytes \(1e-09\) allows: raise it, or set"):
        start(config(cache="on", cache_gigabytes=1e-9, seed=4), tmp_path / "little")
    assert np.isfinite(Run(tmp_path / "little").read_state().updated)


def test_a_cache_that_may_be_used_and_cannot_is_done_without(
    config: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    only_head = {"head": {"epochs": 1}, "fine_tune": {"epochs": 0}, "all": {"epochs": 0}}
    run = start(config(cache_gigabytes=1e-9, seed=4, **only_head), tmp_path / "little")
    assert run.read_state().status == "finished"
    assert "The frozen part is computed in every epoch." in run.log.read_text()
