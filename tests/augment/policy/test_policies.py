from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import Augmentation, Step, image_keys
from bcc.augment.geometry import Flips, QuarterTurns
from bcc.augment.policy import AugMix, OneOf, RandAugment
from bcc.augment.policy import rand_augment as rand_augment_module
from bcc.augment.policy.operations import OPERATIONS, drawn_operations, operate
from bcc.errors import UserError
from bcc.specs import check

RNG = np.random.default_rng(0)
NUMBER = 3000


def through(step: Augmentation, images: np.ndarray, keys: np.ndarray) -> np.ndarray:
    labels = np.ones((len(images), 1), np.float32)
    return step(tf.constant(images), tf.constant(labels), tf.constant(keys))[0].numpy()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[np.ndarray, ...]]:
    """What RandAugment asked of its operations, turn by turn: choice, magnitude, draw, active."""
    calls: list[tuple[np.ndarray, ...]] = []

    def spy(images: Any, *asked: Any) -> Any:
        calls.append(tuple(part.numpy() for part in asked))
        return images

    monkeypatch.setattr(rand_augment_module, "operate", spy)
    return calls


def test_every_operation_is_drawn_as_often_as_it_should(seen: list[tuple[np.ndarray, ...]]) -> None:
    images = np.zeros((NUMBER, 2, 2, 3), np.float32)
    step = RandAugment(operations=2, magnitude=0.5, deviation=0.15, rate=0.8)
    through(step, images, image_keys(0, 0, np.arange(NUMBER)))
    assert len(seen) == 2
    for choice, magnitude, draw, active in seen:
        expected = NUMBER / len(OPERATIONS)
        counts = np.bincount(choice, minlength=len(OPERATIONS))
        # Four standard deviations of a binomial count.
        assert (np.abs(counts - expected) < 4 * np.sqrt(expected * 0.9)).all(), counts
        assert active.mean() == pytest.approx(0.8, abs=0.03)
        assert magnitude.mean() == pytest.approx(0.5, abs=0.015)
        assert magnitude.std() == pytest.approx(0.15, abs=0.01)
        assert np.abs(np.quantile(draw, [0.1, 0.5, 0.9]) - [0.1, 0.5, 0.9]).max() < 0.03
    pairs = np.histogram2d(seen[0][0], seen[1][0], bins=[range(11), range(11)])[0]
    expected = NUMBER / 100
    # The two draws of an image are independent: chi-square with 99 degrees of freedom, one in 100,000.
    assert ((pairs - expected) ** 2 / expected).sum() < 168


def test_as_many_operations_as_wanted_a_image(seen: list[tuple[np.ndarray, ...]]) -> None:
    values = RandAugment(rate=1).parameters()
    values["operations"] = np.array([1, 3, 2, 1], np.float32)
    images, keys = np.zeros((4, 2, 2, 3), np.float32), image_keys(0, 0, np.arange(4))
    RandAugment.apply(*(tf.constant(part) for part in (images, np.ones((4, 1), np.float32), keys)), values)
    np.testing.assert_array_equal(np.sum([active for *_, active in seen], axis=0), [1, 3, 2, 1])


def one_operation(name: str, magnitude: float, draw: float, images: np.ndarray) -> np.ndarray:
    number = len(images)
    fill = [np.full(number, value, np.float32) for value in (magnitude, draw)]
    choice = np.full(number, OPERATIONS.index(name), np.int32)
    return operate(tf.constant(images), choice, *fill, tf.ones(number, tf.bool)).numpy()


CELLS = RNG.integers(20, 200, (3, 24, 20, 3)).astype(np.float32)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_changes_images_within_their_range(name: str) -> None:
    changed = one_operation(name, 0.6, 0.9, CELLS)
    assert (changed != CELLS).any()
    assert 0 <= changed.min() <= changed.max() <= 255


def test_operations_do_what_they_say() -> None:
    np.testing.assert_allclose(
        one_operation("brightness", 0.4, 1, CELLS), np.minimum(CELLS + 102, 255), atol=0.01
    )
    np.testing.assert_allclose(
        one_operation("solarise", 0.5, 0, CELLS), np.where(CELLS >= 128, 255 - CELLS, CELLS), atol=0.01
    )
    np.testing.assert_allclose(
        one_operation("move sideways", 0.5, 1, CELLS)[:, :, :10], CELLS[:, :, 10:], atol=0.01
    )
    np.testing.assert_allclose(one_operation("move upwards", 0.5, 1, CELLS)[:, :12], CELLS[:, 12:], atol=0.01)
    faded = one_operation("degenerate colour", 1, 0, CELLS)
    np.testing.assert_allclose(faded[..., 0], faded[..., 2], atol=0.01)


def test_each_image_gets_its_own_operation() -> None:
    images = np.repeat(CELLS[:1], len(OPERATIONS), axis=0)
    choice = np.arange(len(OPERATIONS), dtype=np.int32)[::-1].copy()
    full = [tf.fill([len(OPERATIONS)], value) for value in (0.6, 0.9)]
    active = np.arange(len(OPERATIONS)) != 4
    mixed = operate(tf.constant(images), choice, *full, active).numpy()
    for place, operation in enumerate(choice):
        alone = one_operation(OPERATIONS[operation], 0.6, 0.9, CELLS[:1])[0]
        np.testing.assert_allclose(mixed[place], alone if active[place] else CELLS[0], atol=1e-3)


def test_the_ends_of_a_draw_are_operations() -> None:
    ends = drawn_operations(tf.constant([0.0, 0.0999, 0.1, 0.9999999])).numpy()
    np.testing.assert_array_equal(ends, [0, 0, 1, 9])


def test_aug_mix_lets_the_image_shine_through() -> None:
    images = np.repeat(CELLS[:1], 40, axis=0)
    mixed = through(AugMix(), images, image_keys(0, 0, np.arange(40)))
    alike = [np.corrcoef(image.ravel(), CELLS[0].ravel())[0, 1] for image in mixed]
    assert np.median(alike) > 0.5
    assert len(np.unique(mixed.reshape(40, -1), axis=0)) == 40


def test_one_of_draws_by_weight() -> None:
    across, down = Flips(horizontal=1, vertical=0), Flips(horizontal=0, vertical=1)
    step = OneOf(
        probability=0.9,
        choices=(
            Step(augmentation=across, probability=0.25),
            Step(augmentation=QuarterTurns(), enabled=False),
            Step(augmentation=down, probability=0.75),
        ),
    )
    images = np.repeat(CELLS[:1], 800, axis=0)
    changed = through(step, images, image_keys(0, 0, np.arange(800)))
    shares = [
        (changed == form).all(axis=(1, 2, 3)).mean()
        for form in (CELLS[0], CELLS[0, :, ::-1], CELLS[0, ::-1], CELLS[0, ::-1, ::-1])
    ]
    np.testing.assert_allclose(shares, [0.1, 0.9 * 0.25, 0.9 * 0.75, 0], atol=0.055)


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ([], "needs a step in 'choices' that is on"),
        ([{"augmentation": "flips", "enabled": False}], "needs a step in 'choices' that is on"),
        ([{"augmentation": "mixup"}], "cannot hold 'mixup', which mixes images"),
        ([{"augmentation": "wobble"}], "There is no augmentation 'wobble'"),
    ],
)
def test_one_of_refuses_what_cannot_be_drawn(choices: list[Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        check(OneOf, {"choices": choices}, "step 'one_of'")
