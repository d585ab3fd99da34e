"""Everything that can be chosen about a training run, as one spec.

The Train page's form, `--set key=value`, `config.json` and every message about a bad value come from
these fields. What is here keeps its name: files of older runs and commands go on working.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from bcc.datasets import Preprocessing
from bcc.models import ModelOptions
from bcc.specs import Spec, option
from bcc.training.config.flat_fields import PHASES, to_sections
from bcc.training.config.optimizer_options import AdamOptions, LionOptions, SgdOptions
from bcc.training.config.phases import AllPhase, FineTunePhase, HeadPhase, Phase

Switch = Literal["auto", "on", "off"]


class DataOptions(Spec):
    """Which images, made how, divided how."""

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
    layout: str | None = option(
        None,
        "What the folders of a folder or zip are where they do not say it plainly: 'split/class', "
        "'group/class' or 'class'; found out when empty.",
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
    scan: str = option(
        "last",
        "Near copies that a scan of the set found stay on one side of the split: 'last' for the last scan, "
        "'none' to let them part, or the mark of a scan. A run writes down which one it took.",
        topic="Split",
    )
    group: str | None = option(
        None,
        "Column of the set (patient, slide, ...) whose rows stay on one side of the split, so that no "
        "patient is trained on and tested; none when empty.",
        topic="Split",
    )
    use_own_split: bool = option(
        True, "Use the split that the file brings, where it brings one.", topic="Split"
    )

    @model_validator(mode="after")
    def _shares_are_a_whole(self) -> DataOptions:
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError(
                "the shares train, validation and test must add up to 1, not "
                f"{self.train + self.validation + self.test:g}"
            )
        if not self.train or not self.validation:
            raise ValueError("training needs a train and a validation share above 0")
        return self


class TrainConfig(ModelOptions):
    """One training run, whole."""

    data: DataOptions = DataOptions()
    seed: int = option(0, "Same seed, same split, same order, same draws.", topic="Data", ge=0, le=2**31 - 1)
    recipe: str = option(
        "gentle",
        "What is done to images on the fly: a recipe by its name (none, flips, gentle, ..., or a saved "
        "one) or by the path of its JSON file.",
        topic="Data",
    )
    validation_recipe: str = option(
        "none",
        "Recipe that validation images pass, with the same draws in every epoch; 'none' leaves them as "
        "they are.",
        topic="Data",
    )
    validation_share: float = option(
        1.0,
        "Share of the validation images that pass the validation recipe; the others stay as they are.",
        topic="Data",
        ge=0,
        le=1,
    )
    views: int = option(
        0,
        "Fixed augmented views an image, taken in turns; 0 draws afresh in every epoch. Fixed views let "
        "frozen parts be computed once.",
        topic="Data",
        ge=0,
        le=100,
    )
    head: HeadPhase = HeadPhase()
    fine_tune: FineTunePhase = FineTunePhase()
    all: AllPhase = AllPhase()
    batch_size: int = option(32, "Images a training step.", topic="Training", ge=1, le=4096)
    accumulate: int = option(
        1,
        "Steps whose gradients are averaged before the weights move: a larger batch in the same memory. "
        "Steps left over at the end of a phase move them too.",
        topic="Training",
        ge=1,
        le=1024,
    )
    loss: Literal["cross-entropy", "focal"] = option(
        "cross-entropy",
        "What is made small; focal looks more at images that are still wrong (Lin et al. 2017).",
        topic="Training",
    )
    focal_gamma: float = option(
        2.0, "How much less the focal loss looks at what is already right.", topic="Training", ge=0, le=10
    )
    label_smoothing: float = option(
        0.05, "Share of each label spread over all classes.", topic="Training", ge=0, le=0.9
    )
    class_weights: bool = option(
        False, "Weigh rare classes up, so that each class counts the same.", topic="Training"
    )
    oversample: bool = option(
        False,
        "Draw the training rows so that each class comes as often in an epoch; another draw of the recipe "
        "each time that a row comes.",
        topic="Balance",
    )
    rows_per_class: int = option(
        0,
        "Rows of each class in an epoch when oversampling; 0 for as many as the commonest class has.",
        topic="Balance",
        ge=0,
        le=10_000_000,
    )
    augment_common: float = option(
        1.0,
        "Share of the commonest class's images that pass the recipe; all of the rarest class do, and the "
        "others in between.",
        topic="Balance",
        ge=0,
        le=1,
    )
    average_weights: float = option(
        0.0,
        "Score a running average of the weights: its memory (0.99 is about 100 steps), 0 for none. Batch "
        "normalisation is measured anew for it.",
        topic="Training",
        ge=0,
        lt=1,
    )
    optimizer: Literal["adam", "nadam", "adamw", "lion", "sgd"] = option(
        "adamw",
        "Rule that turns gradients into steps; Lion wants a third of the learning rate, SGD ten times it. "
        "adam and adamw are one rule: both decay weights as AdamW does, and with weight_decay 0 both are "
        "plain Adam.",
        topic="Optimiser",
    )
    weight_decay: float = option(
        0.05,
        "Pull of the weights towards zero, beside the gradient and not in it (decoupled), whatever the rule; "
        "norms, biases and scales are spared.",
        topic="Optimiser",
        ge=0,
        le=1,
    )
    clip_norm: float = option(
        0.0, "Shorten a gradient that is longer than this; 0 never does.", topic="Optimiser", ge=0, le=1000
    )
    layer_decay: float = option(
        1.0,
        "Each block learns at this share of the next one's rate, counted from the output; 1 for all alike.",
        topic="Optimiser",
        gt=0,
        le=1,
    )
    adam: AdamOptions = AdamOptions()
    lion: LionOptions = LionOptions()
    sgd: SgdOptions = SgdOptions()
    cache: Switch = option(
        "auto",
        "Compute frozen parts once and keep what they say on disk, for all epochs and for later runs; auto "
        "does where views are fixed and there is room.",
        topic="Speed",
    )
    cache_gigabytes: float = option(
        10.0,
        "Disk that all kept features together may take; the longest unused go first.",
        unit="GB",
        topic="Speed",
        gt=0,
        le=10_000,
    )
    mixed_precision: Switch = option(
        "auto", "Compute in half precision; auto does on a GPU that is built for it.", topic="Speed"
    )
    xla: Switch = option(
        "auto",
        "Compile the training step with XLA; auto does on a GPU. On a CPU it is five times slower.",
        title="XLA",
        topic="Speed",
    )
    several_gpus: Switch = option(
        "auto",
        "Share each batch among all GPUs that the run sees; auto does where there are several.",
        title="Several GPUs",
        topic="Speed",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_phase_said_flat(cls, values: Any) -> Any:
        """Take the fields of a config with one phase, and train nothing that nobody asked for."""
        if not isinstance(values, dict):
            return values
        values = to_sections(values)
        others = [values.get(name) for name in PHASES if name != "all"]
        asked = any(_epochs(phase) for phase in others)
        whole = values.get("all", {})
        if asked and isinstance(whole, dict) and "epochs" not in whole:
            values["all"] = {**whole, "epochs": 0}
        return values

    @model_validator(mode="after")
    def _something_is_trained(self) -> TrainConfig:
        if not self.phases:
            raise ValueError("all phases have 0 epochs: give head, fine_tune or all at least one")
        return self

    @model_validator(mode="after")
    def _classes_are_evened_out_once(self) -> TrainConfig:
        if self.oversample and self.class_weights:
            raise ValueError("oversample and class_weights both even out the classes: choose one of them")
        if self.rows_per_class and not self.oversample:
            raise ValueError("rows_per_class says how far to oversample: set oversample to true as well")
        if self.augment_common < 1 and self.views:
            raise ValueError("augment_common below 1 needs views 0: fixed views are the same for all classes")
        return self

    @property
    def phases(self) -> dict[str, Phase]:
        """The phases that are trained, by name and in order."""
        named: dict[str, Phase] = {"head": self.head, "fine_tune": self.fine_tune, "all": self.all}
        return {name: phase for name, phase in named.items() if phase.epochs}

    @property
    def recipes(self) -> dict[str, str]:
        """Every recipe that is named, by where: "recipe", "validation_recipe", "head.recipe", ..."""
        phases = {f"{name}.recipe": phase.recipe for name, phase in self.phases.items() if phase.recipe}
        return {"recipe": self.recipe, "validation_recipe": self.validation_recipe, **phases}

    @property
    def epochs(self) -> int:
        """Of all phases together."""
        return sum(phase.epochs for phase in self.phases.values())


def _epochs(phase: Any) -> Any:
    return phase.get("epochs") if isinstance(phase, dict) else getattr(phase, "epochs", 0)
