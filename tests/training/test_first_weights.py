"""A run that starts from other weights says which layers they reached, in its log and in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from bcc.errors import UserError
from bcc.evaluation.reports.run_facts import facts_of
from bcc.runs import Run, read_first_weights
from bcc.training import TrainConfig
from bcc.training.train import start

SmallConfig = Callable[..., TrainConfig]
pytestmark = pytest.mark.usefixtures("small_network")


def test_a_run_says_what_it_started_from(small_config: SmallConfig, tmp_path: Path) -> None:
    first = start(small_config(epochs=1), tmp_path / "first")
    assert read_first_weights(first) is None
    assert not first.first_weights.exists()
    assert facts_of(first).first_weights == "Started from random weights."

    again = start(small_config(epochs=1, weights=str(first.folder), hidden_layers=[6]), tmp_path / "again")
    told = read_first_weights(again)
    assert told is not None
    assert (told.source, told.missing) == (str(first.folder), ("head_hidden_0", "logits"))
    assert told.layers - told.filled == 2
    assert told.sentence == (
        f"{told.filled} of {told.layers} layers start from the weights of 'first'; from random ones: "
        "head_hidden_0, logits."
    )
    assert told.sentence in again.log.read_text()
    assert "The backbone was not filled whole" not in again.log.read_text()
    assert facts_of(again).first_weights == told.sentence

    again.first_weights.write_text('{"layers": "many"}')
    with pytest.raises(UserError, match=r"first_weights.json of run 'again'"):
        read_first_weights(again)
    again.first_weights.write_text("[]")
    with pytest.raises(UserError, match=r"first_weights.json of run 'again' cannot be read"):
        read_first_weights(again)


def test_a_backbone_with_holes_is_a_warning(small_config: SmallConfig, tmp_path: Path) -> None:
    """A file that lacks a norm of the backbone, by whatever hand it was made."""
    config = small_config(epochs=1)
    run = start(config, tmp_path / "first")
    model: Any = keras.saving.load_model(run.model, compile=False)
    names = {"convnext_atto_head_layernorm": "norm_of_mine"}
    keras.models.clone_model(
        model,
        clone_function=lambda layer: type(layer).from_config(
            {**layer.get_config(), "name": names.get(layer.name, layer.name)}
        ),
    ).save(tmp_path / "holes.keras")
    again = start(small_config(epochs=1, weights=str(tmp_path / "holes.keras")), tmp_path / "again")
    told = read_first_weights(again)
    assert told is not None
    assert told.missing == ("convnext_atto_head_layernorm",)
    assert "The backbone was not filled whole. " in Run(again.folder).log.read_text()
