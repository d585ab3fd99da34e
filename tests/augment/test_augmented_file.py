"""Augmented sets: exact numbers, no leak, streamed, the same after an interruption."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bcc.augment import Recipe, read_recipe
from bcc.augment.augmented_file import PIECE, write_augmented
from bcc.augment.copy_plan import plan_copies
from bcc.augment.geometry import Flips
from bcc.augment.mixing import CutMix
from bcc.cli import app
from bcc.datasets import Dataset, Selection, load
from bcc.errors import UserError

GENTLE = "gentle"


@pytest.fixture
def dataset(tiny_npz: object, tmp_path: Path) -> Dataset:
    labels = np.repeat(np.arange(4), [100, 60, 25, 15]).astype(np.int64)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (200, 16, 16, 3)).astype(np.uint8)
    images[1] = images[0]
    return load(tiny_npz(tmp_path / "set.npz", images=images, labels=labels))  # type: ignore[operator]


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def test_exactly_so_many_of_each_class(dataset: Dataset) -> None:
    copies = plan_copies(dataset, per_class=50)
    train = copies.split == 0
    labels = dataset.labels[copies.rows]
    assert np.bincount(labels[train]).tolist() == [50] * 4
    assert sum("sampled down to 50" in note for note in copies.notes) == 1
    assert any("1 exact duplicates" in note for note in copies.notes)
    for label in (2, 3):
        times = np.unique(copies.rows[train & (labels == label)], return_counts=True)[1]
        assert np.ptp(times) <= 1, "copies are spread evenly"
    # A row's copies are numbered from its original, 0, on.
    assert (np.bincount(copies.rows[copies.copy == 0], minlength=200) <= 1).all()
    assert (copies.copy[~train] == 0).all()


@pytest.mark.parametrize("total", [1, 37, 400, 1001])
def test_exactly_so_many_in_all_and_shares_are_kept(dataset: Dataset, total: int) -> None:
    copies = plan_copies(dataset, total=total)
    train = copies.split == 0
    assert train.sum() == total
    if total > 300:
        original = plan_copies(dataset, total=159)
        shares = [np.bincount(dataset.labels[c.rows[c.split == 0]], minlength=4) for c in (copies, original)]
        np.testing.assert_allclose(shares[0] / total, shares[1] / shares[1].sum(), atol=0.01)


def test_no_cell_is_on_two_sides_and_the_selection_counts(dataset: Dataset) -> None:
    selection = Selection.of(dataset).leave_out([5, 150], "not a cell")
    copies = plan_copies(dataset, total=500, selection=selection, split_seed=4)
    sides = [set(copies.rows[copies.split == side]) for side in range(3)]
    assert len(set.union(*sides)) == sum(map(len, sides))
    assert all(sides)
    assert not {1, 5, 150} & set.union(*sides)
    assert (plan_copies(dataset, total=500, split_seed=5).rows[:50] != copies.rows[:50]).any()


def test_without_a_split_every_row_is_augmented(dataset: Dataset) -> None:
    copies = plan_copies(dataset, per_class=120, divide=False)
    assert (copies.split == 0).all()
    assert len(set(copies.rows)) == 199


@pytest.mark.parametrize("numbers", [{}, {"per_class": 3, "total": 3}, {"per_class": 0}, {"total": -2}])
def test_numbers_that_say_nothing(dataset: Dataset, numbers: dict[str, int]) -> None:
    with pytest.raises(UserError, match=r"number of training images|how many training images"):
        plan_copies(dataset, **numbers)


def test_the_file_opens_with_its_split_and_origin(dataset: Dataset, tmp_path: Path) -> None:
    copies = plan_copies(dataset, per_class=90)
    said: list[float] = []
    out = tmp_path / "more.npz"
    write_augmented(dataset, read_recipe(GENTLE), copies, out, progress=lambda share, _: said.append(share))
    made = load(out)
    assert made.class_names == dataset.class_names
    np.testing.assert_array_equal(made.split, copies.split)
    np.testing.assert_array_equal(made.origin, copies.rows)
    np.testing.assert_array_equal(made.labels, dataset.labels[copies.rows])
    untouched = copies.copy == 0
    np.testing.assert_array_equal(made.images[untouched], dataset.images[copies.rows[untouched]])
    changed = np.flatnonzero(~untouched)
    for place in changed[:40]:
        # A gentle recipe only turns and mirrors: the pixels are the same ones in another place.
        original = dataset.images[copies.rows[place]]
        np.testing.assert_array_equal(np.sort(made.images[place], axis=None), np.sort(original, axis=None))
    assert said == sorted(said)
    assert said[-1] == 1
    assert {path.name for path in tmp_path.iterdir()} >= {"more.npz"}
    assert not list(tmp_path.glob("*partial*"))


def test_an_interrupted_file_goes_on_to_the_same_bytes(dataset: Dataset, tmp_path: Path) -> None:
    recipe, copies = read_recipe(GENTLE), plan_copies(dataset, total=600)
    whole, broken = tmp_path / "whole.npz", tmp_path / "broken.npz"
    write_augmented(dataset, recipe, copies, whole)

    def stop(share: float, text: str) -> None:
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_augmented(dataset, recipe, copies, broken, progress=stop)
    assert not broken.exists()
    with (tmp_path / "broken.npz.partial").open("ab") as file:
        file.write(b"half an image")
    resumed = write_augmented(dataset, recipe, copies, broken)
    assert resumed >= PIECE
    assert resumed % PIECE == 0
    for name, values in arrays(whole).items():
        np.testing.assert_array_equal(arrays(broken)[name], values)


def test_another_command_does_not_go_on_with_what_is_there(dataset: Dataset, tmp_path: Path) -> None:
    copies, out = plan_copies(dataset, total=600), tmp_path / "set-2.npz"

    def stop(share: float, text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_augmented(dataset, read_recipe(GENTLE), copies, out, progress=stop)
    assert write_augmented(dataset, read_recipe("flips"), copies, out) == 0


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [(Recipe(name="both", steps=[CutMix()]), "mixes images"), (Recipe(name="empty"), "exact duplicates")],
)
def test_recipes_that_make_no_such_file(
    dataset: Dataset, tmp_path: Path, recipe: Recipe, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        write_augmented(dataset, recipe, plan_copies(dataset, per_class=90), tmp_path / "x.npz")
    assert not list(tmp_path.glob("x*"))


def test_one_class_can_be_augmented(tiny_npz: object, tmp_path: Path) -> None:
    single = load(tiny_npz(tmp_path / "one.npz", rows=20, size=16, labels=np.zeros(20, np.int64)))  # type: ignore[operator]
    recipe = Recipe(name="mirror", steps=[Flips()])
    write_augmented(single, recipe, plan_copies(single, per_class=40), tmp_path / "more.npz")
    assert (load(tmp_path / "more.npz").split == 0).sum() == 40


def test_the_command_says_what_it_made(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "made.npz"
    common = [
        "augment",
        str(tmp_path / "set.npz"),
        "--recipe",
        "gentle",
        "--out",
        str(out),
        "--per-class",
        "50",
    ]
    result = CliRunner().invoke(app, [*common, "--json"])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert (facts["train"], facts["resumed_after"]) == (200, 0)
    assert facts["pictures"] == facts["train"] + facts["validation"] + facts["test"] == len(load(out))
    assert isinstance(CliRunner().invoke(app, [*common, "--total", "9"]).exception, UserError)
