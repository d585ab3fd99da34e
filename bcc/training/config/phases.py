"""The three stretches of a run, each a section of the config: head, fine_tune, all.

What learns grows from one to the next: the head on a frozen backbone, then the last share of the blocks,
then everything. A phase of 0 epochs is left out.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from bcc.specs import Spec, option

EPOCHS_HELP = "Times that every training image is seen in this phase; 0 leaves the phase out."
RATE_HELP = "Highest size of a step in this phase."


class Phase(Spec):
    """What every phase can be told."""

    epochs: int = option(0, EPOCHS_HELP, unit="epochs", ge=0, le=1000)
    learning_rate: float = option(1e-3, RATE_HELP, gt=0, le=1, log=True)
    schedule: Literal["constant", "cosine", "plateau"] = option(
        "cosine",
        "How the learning rate goes on: level, falling to nothing along a cosine, or cut whenever validation "
        "makes no progress.",
    )
    warmup: float = option(
        0.1, "Share of the phase's steps in which the learning rate rises from nothing.", ge=0, le=0.9
    )
    plateau_factor: float = option(0.2, "What 'plateau' multiplies the learning rate by.", gt=0, lt=1)
    plateau_patience: int = option(
        4, "Epochs without progress before 'plateau' cuts the rate.", unit="epochs", ge=1, le=1000
    )
    plateau_least: float = option(
        1e-6, "Learning rate below which 'plateau' never goes.", gt=0, le=1, log=True
    )
    patience: int = option(
        0,
        "End the phase after so many epochs without progress on validation; 0 never ends early.",
        unit="epochs",
        ge=0,
        le=1000,
    )
    monitor: Literal["accuracy", "loss"] = option(
        "accuracy", "The validation figure that counts as progress, and by which the best epoch is chosen."
    )
    recipe: str | None = option(None, "Recipe of augmentations of this phase; the run's own when empty.")


class HeadPhase(Phase):
    """The backbone stands still, the head learns."""


class FineTunePhase(Phase):
    """The last share of the backbone's blocks learns with the head."""

    trainable_share: float = option(
        0.4,
        "Share of the blocks that learn, counted from the output and cut between two blocks; half a block "
        "counts as one.",
        ge=0,
        le=1,
    )
    learning_rate: float = option(1e-4, RATE_HELP, gt=0, le=1, log=True)

    @model_validator(mode="after")
    def _something_learns(self) -> FineTunePhase:
        if self.epochs and not self.trainable_share:
            raise ValueError(
                "a trainable_share of 0 freezes the whole backbone in the phase fine_tune: raise "
                "fine_tune.trainable_share, or give the epochs to the head phase (head.epochs)"
            )
        return self


class AllPhase(Phase):
    """Everything learns."""

    epochs: int = option(
        10, EPOCHS_HELP + " By default 10, or 0 once another phase has epochs.", unit="epochs", ge=0, le=1000
    )
