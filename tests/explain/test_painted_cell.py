from __future__ import annotations

import numpy as np
import pytest

from bcc.datasets.synthetic import CLASS_NAMES, CellSpec
from bcc.errors import UserError
from bcc.explain.painted_cell import as_text, changed, changes, from_text, sweep, typical_spec


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_a_typical_cell_is_written_down_and_read_again(name: str) -> None:
    spec = typical_spec(name, seed=3)
    assert from_text(as_text(spec, name)) == (spec, name)
    assert typical_spec(name, seed=3) == spec


def test_a_typical_eosinophil_has_orange_granules_and_a_typical_platelet_no_nucleus() -> None:
    assert typical_spec("eosinophil").orange_granules > 0.5
    assert typical_spec("platelet").nucleus_size == 0


def test_an_address_keeps_what_was_changed() -> None:
    start = typical_spec("eosinophil")
    spec = start.model_copy(update={"lobes": 4, "orange_granules": 0.15})
    text = changes(spec, start)
    assert text == "lobes:4,orange_granules:0.15"
    assert changed(start, text) == spec
    assert changed(start, "") == start


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lobes:9", "'lobes'"),
        ("horns:2", "horns"),
        ("lobes:many", "no value for 'lobes'"),
        ("lobes", "no value"),
    ],
)
def test_a_bad_address_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        changed(typical_spec("monocyte"), text)


@pytest.mark.parametrize("text", ["no json", "[1, 2]", '{"start": "unicorn"}', '{"lobes": 99}', b"\xff\xfe"])
def test_a_file_that_is_no_cell_is_one_sentence(text: str | bytes) -> None:
    with pytest.raises(UserError):
        from_text(text)


def test_a_sweep_paints_every_value_and_leaves_the_rest() -> None:
    asked = []

    def predict(images: np.ndarray) -> np.ndarray:
        asked.append(images)
        return np.tile([0.25, 0.75], (len(images), 1))

    values, said, images = sweep(typical_spec("eosinophil"), "orange_granules", predict, 32)
    assert values.tolist() == np.linspace(0, 1, 21).tolist()
    assert said.shape == (21, 2)
    assert len(asked) == 1
    assert np.abs(images[0].astype(int) - images[-1]).max() > 30
    lobes, _, _ = sweep(CellSpec(), "lobes", predict, 32)
    assert lobes.tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(UserError, match="no property 'horns'"):
        sweep(CellSpec(), "horns", predict)
