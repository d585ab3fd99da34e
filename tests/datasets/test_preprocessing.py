from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bcc.datasets import Preprocessing
from bcc.errors import UserError
from bcc.specs import check


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def challenge_of_the_course(image: np.ndarray, crop: int = 200) -> np.ndarray:
    """The published recipe, written down a second time."""
    changed_one = Image.fromarray(image)
    left, top = (round((side - crop) / 2) for side in changed_one.size)
    cut = changed_one.crop((left, top, left + crop, top + crop)).resize((224, 224), Image.Resampling.BILINEAR)
    return cv2.resize(np.asarray(cut), (96, 96), interpolation=cv2.INTER_LANCZOS4)


@given(st.one_of(st.sampled_from(["none", "challenge"]), st.integers(8, 1024).map("resize:{}".format)))
def test_text_and_spec_say_the_same(text: str) -> None:
    recipe = Preprocessing.parse(text)
    assert recipe.text == str(recipe) == text
    assert Preprocessing.model_validate(recipe.model_dump()) == recipe


@pytest.mark.parametrize("text", ["", "crop", "resize", "resize:", "resize:-3", "resize:9.5", "challenge:96"])
def test_an_unknown_recipe_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="none, challenge or resize:SIZE"):
        Preprocessing.parse(text)


@pytest.mark.parametrize("size", [0, 7, 1025, 999_999_999])
def test_a_size_outside_its_bounds_is_refused(size: int) -> None:
    with pytest.raises(UserError, match=r"'size'.*(8|1024)"):
        Preprocessing.parse(f"resize:{size}")
    with pytest.raises(UserError, match="'size'"):
        check(Preprocessing, {"kind": "none", "size": size}, "preprocessing")


def test_the_size_matters_to_resize_only() -> None:
    assert Preprocessing(kind="none", size=64) == Preprocessing(kind="none")
    assert Preprocessing(kind="resize", size=64) != Preprocessing(kind="resize")


def test_none_hands_back_the_very_array() -> None:
    image = noise(20, 30)
    assert Preprocessing().apply(image) is image
    assert Preprocessing().output_size(20, 30) == (20, 30)


@settings(max_examples=25)
@given(st.integers(1, 260), st.integers(1, 260), st.sampled_from(["challenge", "resize:32", "resize:96"]))
def test_every_size_becomes_the_promised_size(height: int, width: int, text: str) -> None:
    recipe = Preprocessing.parse(text)
    made = recipe.apply(noise(height, width))
    assert made.dtype == np.uint8
    assert made.shape == (*recipe.output_size(height, width), 3)


def test_resize_keeps_the_centre_square() -> None:
    wide = np.zeros((96, 192, 3), np.uint8)
    wide[:, 48:144] = 255
    assert (Preprocessing(kind="resize").apply(wide)[:, 4:-4] == 255).all()
    tall = np.ascontiguousarray(wide.transpose(1, 0, 2))
    assert (Preprocessing(kind="resize").apply(tall)[4:-4] == 255).all()


def test_resize_does_not_stretch() -> None:
    """A disc stays a disc."""
    y, x = np.mgrid[:200, :320]
    disc = np.repeat((np.hypot(y - 100, x - 160) < 60)[..., None] * np.uint8(255), 3, axis=2)
    made = Preprocessing(kind="resize", size=100).apply(disc)[..., 0] > 127
    assert abs(int(made.any(axis=0).sum()) - 60) <= 1
    assert abs(int(made.any(axis=1).sum()) - 60) <= 1


def test_resize_leaves_a_image_of_that_size_alone() -> None:
    image = noise(64, 64)
    assert (Preprocessing(kind="resize", size=64).apply(image) == image).all()


@pytest.mark.parametrize("shape", [(363, 360), (200, 200), (201, 301), (245, 200)])
def test_challenge_is_the_published_recipe(shape: tuple[int, int]) -> None:
    image = noise(*shape)
    assert (Preprocessing(kind="challenge").apply(image) == challenge_of_the_course(image)).all()


def test_challenge_does_not_crop_small_images() -> None:
    image = noise(150, 150)
    expected = challenge_of_the_course(image, crop=150)
    assert (Preprocessing(kind="challenge").apply(image) == expected).all()


def test_challenge_equals_the_script_on_real_photographs(shared_data: Path) -> None:
    script = importlib.util.spec_from_file_location("make_set", shared_data / "make_training_set.py")
    assert script is not None
    assert script.loader is not None
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    for folder in sorted((shared_data / "pbc").iterdir()):
        for file in sorted(folder.glob("*.jpg"))[:3]:
            with Image.open(file) as image:
                made = Preprocessing(kind="challenge").apply(np.asarray(image.convert("RGB")))
            assert (made == module.to_96(file)).all(), file.name


def test_a_batch_is_its_images() -> None:
    recipe = Preprocessing(kind="resize", size=16)
    images = [noise(30, 20, seed=1), noise(40, 40, seed=2)]
    batch = recipe.apply_batch(images)
    assert batch.shape == (2, 16, 16, 3)
    assert all((row == recipe.apply(image)).all() for row, image in zip(batch, images, strict=True))
    assert recipe.apply_batch([]).shape == (0, 16, 16, 3)


def test_none_cannot_stack_images_of_several_sizes() -> None:
    with pytest.raises(UserError, match=r"20 x 30 and 40 x 40 px.*resize:96"):
        Preprocessing().apply_batch([noise(30, 20), noise(40, 40)])
    same = np.stack([noise(8, 9), noise(8, 9, seed=1)])
    assert Preprocessing().apply_batch(same) is same
    assert (Preprocessing().apply_batch(list(same)) == same).all()


def test_a_read_only_image_can_be_made() -> None:
    image = noise(50, 60)
    image.setflags(write=False)
    for text in ("challenge", "resize:24"):
        Preprocessing.parse(text).apply(image)
