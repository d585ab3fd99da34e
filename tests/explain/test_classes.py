from __future__ import annotations

import keras
import numpy as np
import pytest

from bcc.errors import UserError
from bcc.explain import ClassSaliency, difference
from bcc.explain.activation_maximisation import class_images


def of(label: int, maps: list[list[list[float]]]) -> ClassSaliency:
    arrays = np.array(maps, np.float32)
    return ClassSaliency(label, np.arange(len(arrays)), arrays, arrays.mean(axis=0))


LEFT, RIGHT = [[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]


def test_the_sheet_has_typical_best_and_worst() -> None:
    sheet = of(0, [LEFT, LEFT, RIGHT, LEFT]).sheet(np.array([0.9, 0.2, 0.5, 0.95]), each=1)
    assert {kind: places.tolist() for kind, places in sheet.items()} == {
        "typical": [0], "best": [3], "worst": [1],
    }  # fmt: skip
    assert 2 not in of(0, [LEFT, LEFT, RIGHT, LEFT]).sheet(np.ones(4), each=3)["typical"]


def test_a_difference_is_of_where_and_not_of_how_much() -> None:
    found = [of(0, [LEFT]), of(2, [RIGHT]), of(5, [(np.array(LEFT) / 2).tolist()])]
    np.testing.assert_allclose(difference(found, 0, 2), [[1, -1], [1, -1]])
    np.testing.assert_allclose(difference(found, 2, 0), [[-1, 1], [-1, 1]])
    np.testing.assert_allclose(difference(found, 0, 5), 0, atol=1e-6)
    with pytest.raises(UserError, match="Class 1 has no images here"):
        difference(found, 0, 1)


def test_made_up_images_please_the_model_and_come_from_the_seed(small: keras.Model) -> None:
    heard: list[float] = []
    wanted = np.array([0, 3])
    made = class_images(small, wanted, 24, 1, lambda share, text: heard.append(share))
    assert made.shape == (2, 64, 64, 3)
    assert made.dtype == np.uint8
    assert heard[-1] == 1
    scores = keras.Model(small.inputs, small.get_layer("logits").output)
    begun = class_images(small, wanted, 0, 1).astype(np.float32)
    before, after = scores(begun).numpy(), scores(made.astype(np.float32)).numpy()
    for place, label in enumerate(wanted):
        assert after[place, label] > before[place, label]
    np.testing.assert_array_equal(class_images(small, wanted, 24, 1), made)
    assert np.abs(class_images(small, wanted, 24, 2).astype(int) - made).max() > 5
