"""A name for a run that says what is special about it, for people who give none."""

from __future__ import annotations

from pathlib import Path

from bcc.training.config.phases import FineTunePhase
from bcc.training.config.train_config import TrainConfig


def short_name(config: TrainConfig) -> str:
    """Name a run: "atto from pbc, gentle, head and last 40 %", "custom-cnn, randaugment, 80 epochs".

    Sizes and seeds stand in it where they are not the usual ones.
    """
    parts = [config.model if config.weights == "none" else f"{config.model} from {Path(config.weights).name}"]
    if config.recipe != "none":
        parts.append(Path(config.recipe).stem)
    phases = config.phases
    learning = []
    if "head" in phases:
        learning.append("head")
    fine_tune = phases.get("fine_tune")
    if isinstance(fine_tune, FineTunePhase):
        share = fine_tune.trainable_share
        learning.append("everything" if share >= 1 else f"last {100 * share:.0f} %")
    if "all" in phases:
        learning.append("everything")
    learning = list(dict.fromkeys(learning))
    epochs = sum(phase.epochs for phase in phases.values())
    whole = f"{epochs} epoch{'' if epochs == 1 else 's'}"
    parts.append(whole if learning == ["everything"] else " and ".join(learning))
    if config.image_size != 96:
        parts.append(f"{config.image_size} px")
    if config.seed:
        parts.append(f"seed {config.seed}")
    return ", ".join(parts)
