"""tf-keras-vis as a second engine: it is the library that works, from a seed, and finds what we find."""

from __future__ import annotations

import importlib

import keras
import numpy as np
import pytest

from bcc.errors import UserError
from bcc.explain import ENGINES, Explainer, agreement, explainer_by, stages
from bcc.explain.keras_vis import METHODS_OF_LIBRARY, LibraryExplainer
from bcc.explain.methods import SmoothGrad

CLASSES = np.array([0, 1, 2])


@pytest.mark.parametrize("name", METHODS_OF_LIBRARY)
def test_both_engines_find_the_same(small: keras.Model, images: np.ndarray, name: str) -> None:
    layer = stages(small)[1].layer
    ours, theirs = (explainer_by(engine, small, layer, name) for engine in ENGINES)
    assert isinstance(theirs, LibraryExplainer)
    assert ours.map_size == theirs.map_size
    assert ours.where == theirs.where
    maps = theirs(images[:3], CLASSES)
    assert maps.shape == (3, *theirs.map_size)
    assert maps.dtype == np.float32
    assert maps.min() >= 0
    assert maps.max() == 1
    found = agreement(maps, ours(images[:3], CLASSES))
    least = 0.4 if name == "smoothgrad" else 0.999  # each draws its own noise
    assert found.each.min() > least
    assert found.overall > least


@pytest.mark.parametrize("name", METHODS_OF_LIBRARY)
def test_it_is_the_library_that_works(
    small: keras.Model, images: np.ndarray, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, kind = METHODS_OF_LIBRARY[name]
    real = getattr(importlib.import_module(f"tf_keras_vis.{module}"), kind)
    asked = []

    def watched(self: object, score: object, seen: np.ndarray, **how: object) -> object:
        asked.append((seen.shape, how))
        return original(self, score, seen, **how)

    original = real.__call__
    monkeypatch.setattr(real, "__call__", watched)
    LibraryExplainer(small, method=name)(images[:2], CLASSES[:2])
    assert [shape for shape, _ in asked] == [(1, 64, 64, 3)] * 2
    assert ("smooth_samples" in asked[0][1]) == (name == "smoothgrad")


def test_its_noise_comes_from_the_seed_and_leaves_numpys_state_alone(
    small: keras.Model, images: np.ndarray
) -> None:
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    first, other = (LibraryExplainer(small, None, SmoothGrad(samples=2), seed=seed) for seed in (1, 2**40))
    maps = first(images[:2], CLASSES[:2])
    assert np.random.random() == expected
    np.testing.assert_allclose(first(images[1:2], CLASSES[1:2]), maps[1:], atol=1e-5)
    assert np.abs(other(images[:2], CLASSES[:2]) - maps).max() > 0.01


def test_the_model_stays_what_it_was(small: keras.Model, images: np.ndarray) -> None:
    before = small(images.astype(np.float32), training=False).numpy()
    LibraryExplainer(small)(images[:1], CLASSES[:1])
    np.testing.assert_array_equal(small(images.astype(np.float32), training=False).numpy(), before)
    np.testing.assert_allclose(before.sum(axis=1), 1, atol=1e-5)


def test_nothing_is_written_to_the_terminal(
    small: keras.Model, images: np.ndarray, capfd: pytest.CaptureFixture
) -> None:
    LibraryExplainer(small, method="scorecam")(images[:1], CLASSES[:1])
    assert capfd.readouterr().out == ""
    assert keras.utils.is_interactive_logging_enabled()


def test_progress_is_told(small: keras.Model, images: np.ndarray) -> None:
    heard: list[float] = []
    LibraryExplainer(small)(images[:2], CLASSES[:2], lambda share, text: heard.append(share))
    assert heard == [0.5, 1.0]


def test_what_it_lacks_is_one_sentence(small: keras.Model) -> None:
    with pytest.raises(
        UserError, match="tf-keras-vis has no method 'integrated_gradients': choose one of grad"
    ):
        explainer_by("tf-keras-vis", small, None, "integrated_gradients")
    with pytest.raises(UserError, match="tf-keras-vis has no method 'integrated_gradients'"):
        LibraryExplainer(small, method="integrated_gradients")
    with pytest.raises(UserError, match="There is no engine 'captum': choose one of bcc, tf-keras-vis"):
        explainer_by("captum", small)
    assert type(explainer_by("bcc", small, None, "integrated_gradients")) is Explainer


def test_agreement_is_pearsons() -> None:
    rng = np.random.default_rng(0)
    maps, others = rng.random((2, 3, 4, 4)).astype(np.float32)
    others[1] = 3 * maps[1] + 0.1
    others[2] = 0.5
    found = agreement(maps, others)
    np.testing.assert_allclose(
        found.each[0], np.corrcoef(maps[0].ravel(), others[0].ravel())[0, 1], atol=1e-6
    )
    np.testing.assert_allclose(found.each[1], 1, atol=1e-6)
    assert np.isnan(found.each[2])
    assert -1 <= found.overall <= 1
    nothing = agreement(maps[:0], others[:0])
    assert len(nothing.each) == 0
    assert np.isnan(nothing.overall)
