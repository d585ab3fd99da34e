"""Everything that can be chosen about a training run, as one spec.

The Train page's form, `--set key=value`, `config.json` and every message about a bad value come from
these fields. A recipe of augmentations, phases and more will join them; what is here keeps its name.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from bcc.augment import RecipeName
from bcc.datasets import Preprocessing
from bcc.models import ModelOptions
from bcc.specs import Spec, option


class DataOptions(Spec):
    """Which pictures, made how, divided how."""

    source: str = option(
        "synthetic-clean",
        "What to train on: a path, the name of a built-in or public set, or the fingerprint of a set "
        "opened before.",
    )
    classes: str | None = option(
        None, "Names for the classes: 'pbc', or a comma-separated list; the set's own when empty."
    )
    preprocessing: Preprocessing | None = option(
        None, "How files become pixels; the default for the kind of source when empty."
    )
    drop_exact_duplicates: bool = option(
        True, "Keep one of the rows whose pixels are the same, and leave the others out."
    )
    selection: str | None = option(
        None,
        "Rows to leave out: a selection saved for the set on the Clean page, by name or by the path of its "
        "file; none when empty.",
    )
    train: float = option(0.8, "Share of rows to learn from.", topic="Split", ge=0, le=1)
    validation: float = option(0.1, "Share of rows to choose the best epoch by.", topic="Split", ge=0, le=1)
    test: float = option(0.1, "Share of rows to score the final model on.", topic="Split", ge=0, le=1)
    use_own_split: bool = option(
        True, "Use the split that the file brings, where it brings one.", topic="Split"
    )

    @model_validator(mode="after")
    def _shares_are_a_whole(self) -> DataOptions:
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError(
                f"the shares train, validation and test must add up to 1, not "
                f"{self.train + self.validation + self.test:g}"
            )
        if not self.train or not self.validation:
            raise ValueError("training needs a train and a validation share above 0")
        return self


class TrainConfig(ModelOptions):
    """One training run, whole."""

    data: DataOptions = DataOptions()
    seed: int = option(0, "Same seed, same split, same order, same draws.", topic="Data", ge=0, le=2**31 - 1)
    recipe: RecipeName = option(
        "gentle",
        "What is done to pictures on the fly: nothing, mirror images, or mirror images and quarter turns.",
        topic="Data",
    )
    batch_size: int = option(32, "Pictures a training step.", topic="Training", ge=1, le=4096)
    epochs: int = option(
        10, "Times that every training picture is seen.", unit="epochs", topic="Training", ge=1, le=1000
    )
    optimizer: Literal["adam", "nadam", "adamw", "lion"] = option(
        "adamw",
        "Rule that turns gradients into steps; Lion wants a third of the learning rate.",
        topic="Training",
    )
    learning_rate: float = option(1e-3, "Highest size of a step.", topic="Training", gt=0, le=1, log=True)
    schedule: Literal["constant", "cosine"] = option(
        "cosine",
        "How the learning rate goes on: level, or falling to nothing along a cosine.",
        topic="Training",
    )
    warmup: float = option(
        0.1,
        "Share of all steps in which the learning rate rises from nothing.",
        topic="Training",
        ge=0,
        le=0.9,
    )
    weight_decay: float = option(
        0.05,
        "Pull of the weights towards zero; norms, biases and scales are spared.",
        topic="Training",
        ge=0,
        le=1,
    )
    label_smoothing: float = option(
        0.05, "Share of each label spread over all classes.", topic="Training", ge=0, le=0.9
    )
    class_weights: bool = option(
        False, "Weigh rare classes up, so that each class counts the same.", topic="Training"
    )
    trainable_share: float = option(
        1.0,
        "Share of the blocks that learn, counted from the output; 0 trains the head alone.",
        topic="Training",
        ge=0,
        le=1,
    )
    average_weights: float = option(
        0.0,
        "Score a running average of the weights: its memory (0.99 is about 100 steps), 0 for none.",
        topic="Training",
        ge=0,
        lt=1,
    )
    patience: int = option(
        0,
        "Stop after so many epochs without a better validation accuracy; 0 never stops early.",
        unit="epochs",
        topic="Training",
        ge=0,
        le=1000,
    )
