"""Images made up by tf-keras-vis: from a seed, under its own regularisers and modifiers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from bcc.errors import UserError
from bcc.explain.keras_vis import MadeUpOptions, class_images_of_library
from bcc.specs import check

WANTED = np.array([0, 3])


def test_they_please_the_model_and_come_from_the_seed(small: keras.Model) -> None:
    heard: list[float] = []
    made = class_images_of_library(small, WANTED, 12, 1, None, lambda share, text: heard.append(share))
    assert made.shape == (2, 64, 64, 3)
    assert made.dtype == np.uint8
    assert heard[0] == 0
    assert heard[-1] == 1
    scores = keras.Model(small.inputs, small.get_layer("logits").output)
    begun = class_images_of_library(small, WANTED, 0, 1)
    before, after = (scores(some.astype(np.float32)).numpy() for some in (begun, made))
    for place, label in enumerate(WANTED):
        assert after[place, label] > before[place, label]
    np.testing.assert_array_equal(class_images_of_library(small, WANTED, 12, 1), made)
    assert np.abs(class_images_of_library(small, WANTED, 12, 2).astype(int) - made).max() > 5


def test_its_regularisers_and_modifiers_do_the_work(
    small: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tf_keras_vis.activation_maximization import input_modifiers, regularizers

    counted: dict[str, int] = {}
    watched = (
        regularizers.TotalVariation2D, regularizers.Norm, input_modifiers.Jitter, input_modifiers.Rotate2D,
    )  # fmt: skip

    def watch(kind: Any) -> None:
        original = kind.__call__

        def call(self: Any, *given: Any) -> Any:
            counted[kind.__name__] = counted.get(kind.__name__, 0) + 1
            return original(self, *given)

        monkeypatch.setattr(kind, "__call__", call)

    for kind in watched:
        watch(kind)
    class_images_of_library(small, WANTED, 3)
    assert counted == {kind.__name__: 3 for kind in watched}
    counted.clear()
    nothing = MadeUpOptions(total_variation=0, norm=0, jitter=0, rotation=0)
    class_images_of_library(small, WANTED, 3, options=nothing)
    assert counted == {}


def test_more_total_variation_is_smoother_and_more_norm_is_darker(small: keras.Model) -> None:
    def made(**weights: float) -> np.ndarray:
        options = MadeUpOptions(jitter=0, rotation=0, **weights)
        return class_images_of_library(small, WANTED, 12, 0, options).astype(np.float32)

    plain, smooth, dark = made(total_variation=0, norm=0), made(total_variation=0.5), made(norm=0.1)
    assert np.abs(np.diff(smooth, axis=1)).mean() < 0.8 * np.abs(np.diff(plain, axis=1)).mean()
    assert dark.mean() < plain.mean()


def test_work_that_is_called_off_ends(small: keras.Model) -> None:
    def stop(share: float, text: str) -> None:
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        class_images_of_library(small, WANTED, 40, progress=stop)


def test_options_out_of_bounds_are_one_sentence() -> None:
    with pytest.raises(UserError, match="'jitter' should be less than or equal to 16"):
        check(MadeUpOptions, {"jitter": 99}, "the options of made-up images")
