from __future__ import annotations

from typing import Any

import pytest

from bcc.errors import UserError
from bcc.training import TrainConfig, assemble


def epochs(config: TrainConfig) -> dict[str, int]:
    return {name: phase.epochs for name, phase in config.phases.items()}


@pytest.mark.parametrize(
    ("values", "trained"),
    [
        ({}, {"all": 10}),
        ({"epochs": 3}, {"all": 3}),
        ({"epochs": 3, "trainable_share": 1.0}, {"all": 3}),
        ({"epochs": 3, "trainable_share": 0}, {"head": 3}),
        ({"trainable_share": 0.25}, {"fine_tune": 10}),
        ({"head": {"epochs": 2}}, {"head": 2}),
        ({"head": {"epochs": 2}, "all": {"epochs": 1}}, {"head": 2, "all": 1}),
        ({"fine_tune": {"epochs": 4}, "head": {"epochs": 2}}, {"head": 2, "fine_tune": 4}),
        ({"all": {"epochs": 5}, "epochs": 5}, {"all": 5}),
        ({"head": {"epochs": 2}, "epochs": 2}, {"head": 2}),
    ],
)
def test_which_phases_are_trained(values: dict[str, Any], trained: dict[str, int]) -> None:
    config = TrainConfig(**values)
    assert epochs(config) == trained
    assert config.epochs == sum(trained.values())
    assert TrainConfig(**config.model_dump()) == config


def test_a_config_of_an_older_version_is_read_whole() -> None:
    old = {
        "model": "atto", "weights": "none", "epochs": 8, "optimizer": "adamw", "learning_rate": 0.003,
        "schedule": "constant", "warmup": 0.2, "weight_decay": 0.05, "trainable_share": 0.5, "patience": 3,
        "average_weights": 0.9,
    }  # fmt: skip
    config = TrainConfig(**old)
    phase = config.fine_tune
    assert epochs(config) == {"fine_tune": 8}
    assert (phase.learning_rate, phase.schedule, phase.warmup) == (0.003, "constant", 0.2)
    assert (phase.patience, phase.trainable_share) == (3, 0.5)


def test_flat_settings_change_the_one_phase_of_a_preset() -> None:
    config = assemble("quick", settings=["epochs=7", "patience=2"])
    assert epochs(config) == {"all": 7}
    assert (config.all.patience, config.all.learning_rate) == (2, 0.0005)
    shared = assemble("quick", settings=["trainable_share=0.25"])
    assert epochs(shared) == {"fine_tune": 2}
    assert (shared.fine_tune.learning_rate, shared.fine_tune.trainable_share) == (0.0005, 0.25)
    assert epochs(assemble("convnext-small", settings=["epochs=2"])) == {"fine_tune": 2}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["head.epochs=2", "fine_tune.epochs=2", "learning_rate=0.1"],
         r"'learning_rate' could speak of several phases: write head.learning_rate or fine_tune"),
        (["fine_tune.epochs=2", "fine_tune.trainable_share=0"],
         r"^A trainable_share of 0 freezes the whole backbone in the phase fine_tune: "),
        (["head.epochs=0", "fine_tune.epochs=0", "all.epochs=0"], r"^All phases have 0 epochs"),
        (["head.schedule=linear"], r"'head.schedule' should be 'constant', 'cosine' or 'plateau'"),
        (["image_size=16"], r"'image_size' should be greater than or equal to 32, not 16"),
        (["hidden_layers=a"], r"'hidden_layers.0' should be a valid integer"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(settings: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        assemble(settings=settings)


def test_two_values_for_one_thing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'epochs' is 3 and 'all.epochs' is 5: leave one of them out"):
        TrainConfig(epochs=3, all={"epochs": 5})
