"""What every augmentation promises; a class that joins the catalogue is tested by joining."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import TOPICS, Augmentation, Parameters, catalogue, find, image_keys
from bcc.errors import UserError
from bcc.specs import field_bounds, field_choices

NAMES = sorted(catalogue())
Result = tuple[np.ndarray, np.ndarray]


def cells(
    number: int, height: int, width: int, classes: int = 5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images like cells: a dark disc on a bright ground, some noise; labels one-hot; keys."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(y - height / 2, x - width / 2) / min(height, width)
    cell = np.where(distance[None] < rng.uniform(0.2, 0.4, (number, 1, 1)), 0, 1)[..., None]
    ground, dye = rng.uniform(190, 235, (number, 1, 1, 3)), rng.uniform(60, 150, (number, 1, 1, 3))
    images = cell * ground + (1 - cell) * dye + rng.normal(0, 8, (number, height, width, 3))
    labels = np.eye(classes, dtype=np.float32)[np.arange(number) % classes]
    return np.clip(np.rint(images), 0, 255).astype(np.float32), labels, image_keys(3, 1, np.arange(number))


BATCH = cells(12, 32, 32)


@pytest.fixture(scope="module", params=NAMES)
def kind(request: pytest.FixtureRequest) -> type[Augmentation]:
    return catalogue()[request.param]


@pytest.fixture(scope="module")
def traced(kind: type[Augmentation]) -> Any:
    """The step, compiled for batches of any number and the size of `BATCH`; counts its tracings."""
    counted = {"traces": 0}

    def run(images: Any, labels: Any, keys: Any, parameters: Any) -> Any:
        counted["traces"] += 1
        return kind.apply(images, labels, keys, parameters)

    compiled = tf.function(run, autograph=False)

    def call(batch: Any, parameters: Parameters) -> Result:
        tensors = tf.nest.map_structure(lambda value: tf.constant(value, tf.float32), parameters)
        images, labels, keys = (tf.constant(part) for part in batch)
        return tuple(part.numpy() for part in compiled(images, labels, keys, tensors))

    call.counted = counted
    return call


@pytest.fixture(scope="module")
def result(kind: type[Augmentation], traced: Any) -> Result:
    return traced(BATCH, kind().parameters())


def test_shape_type_range_and_labels(kind: type[Augmentation], result: Result) -> None:
    images, labels = result
    assert images.shape == BATCH[0].shape
    assert images.dtype == np.float32
    assert np.isfinite(images).all()
    assert images.min() >= 0
    assert images.max() <= 255
    assert labels.dtype == np.float32
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-5)
    assert labels.min() >= 0
    if kind.topic != "mixing":
        np.testing.assert_array_equal(labels, BATCH[1])


def test_it_does_something(kind: type[Augmentation], result: Result) -> None:
    assert (result[0] != BATCH[0]).any()


def test_the_same_keys_give_the_same_images(kind: type[Augmentation], traced: Any, result: Result) -> None:
    again = traced(BATCH, kind().parameters())
    for one, other in zip(result, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_eager_is_the_same(kind: type[Augmentation], result: Result) -> None:
    images, labels = kind()(*(tf.constant(part) for part in BATCH))
    np.testing.assert_allclose(images.numpy(), result[0], atol=0.05)
    np.testing.assert_allclose(labels.numpy(), result[1], atol=1e-5)


def test_other_keys_give_other_images(kind: type[Augmentation], traced: Any, result: Result) -> None:
    others = [image_keys(3, epoch, np.arange(12)) for epoch in (2, 3, 4)]
    if kind.name in WITHOUT_DRAWS:
        return
    changed = [traced((*BATCH[:2], keys), kind().parameters())[0] != result[0] for keys in others]
    assert np.any(changed)


WITHOUT_DRAWS = {"autocontrast", "cell_only", "equalise", "greyscale"}
"""Steps that do the same to an image whatever its key is."""


def test_strength_zero_is_the_input(kind: type[Augmentation], traced: Any) -> None:
    assert set(kind.neutral) <= set(kind.model_fields)
    images, labels = traced(BATCH, kind().at_strength(0).parameters())
    np.testing.assert_array_equal(images, BATCH[0])
    np.testing.assert_array_equal(labels, BATCH[1])


def test_strengths_lie_within_the_bounds(kind: type[Augmentation]) -> None:
    spec = kind()
    assert spec.at_strength(1) == spec
    for strength in (0, 0.3, 0.5, 0.9):
        kind.model_validate(spec.at_strength(strength).model_dump())


def test_a_image_does_not_depend_on_its_place(kind: type[Augmentation], traced: Any, result: Result) -> None:
    order = np.random.default_rng(2).permutation(12)
    if kind.topic != "mixing":
        order = order[:7]
    images, labels = traced([part[order] for part in BATCH], kind().parameters())
    np.testing.assert_allclose(images, result[0][order], atol=2e-3)
    np.testing.assert_allclose(labels, result[1][order], atol=1e-6)


def test_one_value_a_image_is_the_value_for_all(
    kind: type[Augmentation], traced: Any, result: Result
) -> None:
    each = tf.nest.map_structure(lambda value: np.full(12, value, np.float32), kind().parameters())
    images, labels = traced(BATCH, each)
    np.testing.assert_allclose(images, result[0], atol=2e-3)
    np.testing.assert_allclose(labels, result[1], atol=1e-6)


def test_half_of_the_images_can_be_left_alone(kind: type[Augmentation], traced: Any, result: Result) -> None:
    if kind.topic == "mixing":
        pytest.skip("what an image is mixed with may be another")
    on = np.arange(12) % 2
    full, nothing = kind().parameters(), kind().at_strength(0).parameters()
    each = tf.nest.map_structure(lambda one, zero: np.where(on, one, zero).astype(np.float32), full, nothing)
    images, _ = traced(BATCH, each)
    np.testing.assert_array_equal(images[on == 0], BATCH[0][on == 0])
    np.testing.assert_allclose(images[on == 1], result[0][on == 1], atol=2e-3)


def test_new_values_and_seeds_do_not_retrace(kind: type[Augmentation], traced: Any, result: Result) -> None:
    before = traced.counted["traces"]
    traced((*BATCH[:2], image_keys(9, 9, np.arange(12))), kind().at_strength(0.37).parameters())
    assert traced.counted["traces"] == before


@pytest.mark.parametrize("shape", [(1, 33, 47), (3, 47, 33), (2, 20, 20)])
def test_odd_sizes_and_one_image(kind: type[Augmentation], shape: tuple[int, int, int]) -> None:
    batch = cells(*shape, classes=1)
    images, labels = kind()(*(tf.constant(part) for part in batch))
    assert images.shape == batch[0].shape
    assert 0 <= images.numpy().min() <= images.numpy().max() <= 255
    np.testing.assert_allclose(labels.numpy(), 1, atol=1e-6)


def test_sizes_that_are_not_known_when_traced(kind: type[Augmentation], result: Result) -> None:
    signature = [
        tf.TensorSpec((None, None, None, 3), tf.float32),
        tf.TensorSpec((None, None), tf.float32),
        tf.TensorSpec((None, 2), tf.int32),
    ]
    step = tf.function(kind().__call__, input_signature=signature, autograph=False)
    images, _ = step(*(tf.constant(part) for part in BATCH))
    np.testing.assert_allclose(images.numpy(), result[0], atol=0.05)


def test_extremes_of_every_field_stay_in_range(kind: type[Augmentation], traced: Any) -> None:
    """The highest and lowest of each field, one at a time, as one compiled step."""
    for name, field in kind.model_fields.items():
        choices, (low, high) = field_choices(field), field_bounds(field)
        values = choices or [value for value in (low, high) if value is not None]
        for value in values:
            if field.annotation in (int, float, bool) or choices:
                spec = kind.model_validate({name: value})
                images, labels = traced(BATCH, spec.parameters())
                assert np.isfinite(images).all(), (name, value)
                assert 0 <= images.min() <= images.max() <= 255, (name, value)
                np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-5)


def test_it_says_what_it_is(kind: type[Augmentation]) -> None:
    assert kind.topic in TOPICS
    package = "keras_cv" if kind.name.startswith("keras_cv.") else kind.topic
    assert kind.__module__.split(".")[2] == package
    assert kind.name == kind.name.lower().replace(" ", "_")
    for sentence in (kind.about, kind.hurts):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
    for name, field in kind.model_fields.items():
        assert field.description, f"{name} needs a line of help"
        assert field.is_required() is False


def test_an_unknown_name_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"There is no augmentation 'wobble': choose one of .*flips"):
        find("wobble")
