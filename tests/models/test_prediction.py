from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from bcc.models.prediction import Predictor


@pytest.fixture(scope="module")
def in_tens(random_atto: keras.Model) -> Predictor:
    return Predictor(random_atto, batch_size=10)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_the_batch_size_and_its_padding_change_nothing(
    random_atto: keras.Model, in_tens: Predictor, rng_images: np.ndarray, batch_size: int
) -> None:
    found = Predictor(random_atto, batch_size)(rng_images)
    np.testing.assert_allclose(found, in_tens(rng_images), atol=1e-6)
    assert found.shape == (10, 4)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_it_says_what_the_model_says(
    random_atto: keras.Model, in_tens: Predictor, rng_images: np.ndarray
) -> None:
    expected = random_atto(rng_images.astype(np.float32), training=False).numpy()
    np.testing.assert_allclose(in_tens(rng_images), expected, atol=1e-6)
    assert len({tuple(row) for row in expected.round(4)}) == 10, "images must be told apart"


def test_only_the_rows_asked_for_in_their_order(in_tens: Predictor, rng_images: np.ndarray) -> None:
    rows = np.array([7, 2, 2, 9])
    np.testing.assert_allclose(in_tens(rng_images, rows), in_tens(rng_images)[rows], atol=1e-6)


def test_no_rows_give_no_answers(in_tens: Predictor, rng_images: np.ndarray) -> None:
    assert in_tens(rng_images, np.zeros(0, np.int64)).shape == (0, 4)


def test_images_of_another_size_are_resized(in_tens: Predictor) -> None:
    """An image of blocks of 2 x 2 equal pixels shrinks to the image that it was blown up from."""
    small = np.random.default_rng(1).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    large = small.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(in_tens(large), in_tens(small), atol=1e-6)


def test_memory_mapped_images(in_tens: Predictor, rng_images: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", rng_images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    np.testing.assert_array_equal(in_tens(mapped), in_tens(rng_images))


def test_progress_reaches_one(random_atto: keras.Model, rng_images: np.ndarray) -> None:
    heard: list[float] = []
    Predictor(random_atto, 4)(rng_images, progress=lambda share, text: heard.append(share))
    assert heard == [0.4, 0.8, 1.0]


def test_the_graph_is_traced_once(random_atto: keras.Model, rng_images: np.ndarray) -> None:
    """A padded last batch has the shape of all others: a second shape would compile a second graph."""
    predictor = Predictor(random_atto, 4)
    predictor(rng_images)
    predictor(rng_images[:3])
    assert predictor._call.experimental_get_tracing_count() == 1
