from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import (
    PRESETS,
    Recipe,
    Step,
    delete_recipe,
    image_keys,
    read_recipe,
    recipe_names,
    save_recipe,
)
from bcc.augment.geometry import Flips, QuarterTurns
from bcc.errors import UserError
from bcc.trash import discarded, take_back


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BCC_DATA", str(tmp_path / "data"))


def images(number: int = 64, side: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    changed = rng.integers(0, 256, (number, side, side, 3)).astype(np.float32)
    return changed, np.eye(4, dtype=np.float32)[np.arange(number) % 4], image_keys(0, 0, np.arange(number))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_shape_type_range_and_whole_labels(name: str) -> None:
    changed_images, labels, keys = images(16, 32)
    changed, shares = read_recipe(name).apply(changed_images, labels, keys)
    assert changed.shape == changed_images.shape
    assert changed.dtype == tf.float32
    assert changed.numpy().min() >= 0
    assert changed.numpy().max() <= 255
    np.testing.assert_allclose(shares.numpy().sum(axis=1), 1, rtol=1e-5)


def test_none_changes_nothing() -> None:
    changed_images, labels, keys = images(4)
    changed, _ = read_recipe("none").apply(changed_images, labels, keys)
    np.testing.assert_array_equal(changed.numpy(), changed_images)


@pytest.mark.parametrize("name", ["flips", "gentle"])
def test_another_epoch_shows_other_images(name: str) -> None:
    changed, labels, _ = images()
    first, again, next_epoch = (
        read_recipe(name).apply(changed, labels, image_keys(0, epoch, np.arange(64)))[0].numpy()
        for epoch in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != next_epoch).any(axis=(1, 2, 3)).mean() > 0.6


def changed_rows(recipe: Recipe) -> np.ndarray:
    changed, labels, keys = images(600, 6)
    return (recipe.apply(changed, labels, keys)[0].numpy() != changed).any(axis=(1, 2, 3))


def test_a_steps_probability_is_kept() -> None:
    mirror = Flips(horizontal=1, vertical=0)
    for probability in (0.0, 0.3, 1.0):
        share = changed_rows(Recipe(steps=[Step(augmentation=mirror, probability=probability)])).mean()
        assert share == pytest.approx(probability, abs=0.06)


def test_the_same_step_twice_draws_twice() -> None:
    step = Step(augmentation=Flips(horizontal=1, vertical=0), probability=0.5)
    share = changed_rows(Recipe(steps=[step, step])).mean()
    assert share == pytest.approx(0.5, abs=0.07), "drawn together, two mirrors would undo each other"


def test_switching_a_step_off_leaves_the_draws_of_the_others() -> None:
    changed, labels, keys = images()
    turn = Step(augmentation=QuarterTurns())
    off = Recipe(steps=[Step(augmentation=Flips(), enabled=False), turn])
    never = Recipe(steps=[Step(augmentation=Flips(), probability=0), turn])
    np.testing.assert_array_equal(off.apply(changed, labels, keys)[0], never.apply(changed, labels, keys)[0])
    assert [place for place, _ in off.active] == [1]


def test_a_recipe_in_a_parallel_map_gives_the_eager_images() -> None:
    changed, labels, keys = images()
    recipe = Recipe(steps=[Step(augmentation=Flips(), probability=0.5), Step(augmentation=QuarterTurns())])
    eager = recipe.apply(changed, labels, keys)[0].numpy()
    mapped = (
        tf.data.Dataset.from_tensor_slices((changed, labels, keys))
        .batch(16)
        .map(recipe.apply, num_parallel_calls=4, deterministic=True)
    )
    np.testing.assert_array_equal(np.concatenate([part[0].numpy() for part in mapped]), eager)


def test_saved_recipes_come_back_and_go() -> None:
    recipe = Recipe(about="Mine.", steps=[Step(augmentation=Flips(horizontal=0.1), probability=0.25)])
    path = save_recipe(recipe, "my own-1")
    assert recipe_names() == [*PRESETS, "my own-1"]
    for again in (read_recipe("my own-1"), read_recipe(path)):
        assert again.name == "my own-1"
        assert again.about == "Mine."
        assert again.steps == recipe.steps
    deleted = delete_recipe("my own-1")
    assert recipe_names() == list(PRESETS)
    take_back(deleted)
    assert read_recipe("my own-1").steps == recipe.steps
    save_recipe(recipe, "my own-1")
    assert discarded(path.parent) == [], "the same again is nothing lost"
    save_recipe(recipe.model_copy(update={"about": "Another."}), "my own-1")
    (replaced,) = discarded(path.parent)
    assert json.loads(replaced.path.read_text())["about"] == "Mine."


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"steps": [NaN]}', '{"steps": [{"augmentation": "\\ud800"}]}', '{"steps": [[]]}',
                '{"steps": [{"augmentation": "' + "x" * 5000 + '"}]}', '{"steps": {"a": 1}}', "null"]
)  # fmt: skip
def test_a_damaged_recipe_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(UserError, match=r"recipe bad\.json") as caught:
        read_recipe(tmp_path / "bad.json")
    assert "\n" not in str(caught.value)


def test_what_cannot_be_opened_by_its_name_is_not_offered(tmp_path: Path) -> None:
    folder = save_recipe(Recipe(steps=[Step(augmentation=Flips(), probability=0.5)]), "good").parent
    (folder / "bad\udcff.json").write_text("{}")
    (folder / "gone.json").symlink_to(tmp_path / "nowhere")
    (folder / "folder.json").mkdir()
    assert recipe_names() == [*PRESETS, "good"]
    for name in ("~nobody-is-called-so/x", "x" * 5000, "a\0b", "\udcff"):
        with pytest.raises(UserError):
            read_recipe(name)


def test_json_is_the_documented_one() -> None:
    recipe = Recipe(steps=[Step(augmentation=Flips(), probability=0.5)])
    assert json.loads(recipe.model_dump_json()) == {
        "about": "",
        "steps": [
            {
                "augmentation": "flips",
                "probability": 0.5,
                "enabled": True,
                "parameters": {"horizontal": 0.5, "vertical": 0.5},
            }
        ],
    }


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"steps": [{"augmentation": "wobble"}]},
            "Step 1 of .*There is no augmentation 'wobble': choose one",
        ),
        (
            {
                "steps": [
                    {"augmentation": "flips"},
                    {"augmentation": "flips", "parameters": {"horizontal": 3}},
                ]
            },
            "Step 2 of .*'horizontal' should be less than or equal to 1, not 3",
        ),
        (
            {"steps": [{"augmentation": "flips", "parameters": {"angle": 3}}]},
            "has no field 'angle'; it knows horizontal, vertical",
        ),
        ({"steps": [{"augmentation": "flips", "parameters": 3}]}, "'parameters' of step 'flips' must be an"),
        ({"steps": [{"augmentation": "flips", "probability": 2}]}, "'probability' should be less than or"),
        ({"steps": [{"probability": 1}]}, "needs 'augmentation', the name of one"),
        ({"steps": ["flips"]}, "must be an object with 'augmentation'"),
        ({"steps": [], "colour": 1}, "has no field 'colour'"),
        ({}, "must be a JSON object with a list 'steps'"),
        ([], "must be a JSON object with a list 'steps'"),
    ],
)
def test_a_wrong_recipe_is_one_sentence(values: object, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(values))
    with pytest.raises(UserError, match=sentence) as caught:
        read_recipe(path)
    assert "\n" not in str(caught.value)
    assert "wrong.json" in str(caught.value)


def test_what_cannot_be_a_recipe_is_refused(tmp_path: Path) -> None:
    step = Step(augmentation=Flips())
    with pytest.raises(UserError, match="There is no recipe 'wild': choose one of none, flips"):
        read_recipe("wild")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(UserError, match="cannot be read as JSON"):
        read_recipe(tmp_path / "broken.json")
    with pytest.raises(UserError, match="ships with the program"):
        save_recipe(Recipe(steps=[step]), "gentle")
    with pytest.raises(UserError, match="name is made of letters"):
        save_recipe(Recipe(steps=[step]), "../elsewhere")
    with pytest.raises(UserError, match="without steps changes nothing"):
        save_recipe(Recipe(), "empty")
    with pytest.raises(UserError, match="cannot be deleted"):
        delete_recipe("none")
    with pytest.raises(UserError, match="no saved recipe"):
        delete_recipe("../gentle")


@pytest.mark.parametrize("name", PRESETS)
def test_one_class_and_one_odd_image_pass(name: str) -> None:
    images = np.random.default_rng(1).integers(0, 256, (1, 33, 47, 3)).astype(np.float32)
    changed, labels = read_recipe(name).apply(images, np.ones((1, 1), np.float32), image_keys(0, 0, [0]))
    assert changed.shape == images.shape
    np.testing.assert_allclose(labels.numpy(), 1, rtol=1e-6)
