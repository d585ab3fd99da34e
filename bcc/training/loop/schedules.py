"""The learning rate of each step of a phase."""

from __future__ import annotations

import math

from bcc.training.config.phases import Phase


def learning_rate_at(step: int, steps: int, phase: Phase, scale: float = 1.0) -> float:
    """Learning rate of one step.

    Args:
        step: counted from 0 within the phase.
        steps: of the whole phase.
        phase: peak, schedule and warm-up share.
        scale: what 'plateau' has cut the rate down to so far, 1 at first.
    """
    warmup = round(phase.warmup * steps)
    if step < warmup:
        return phase.learning_rate * (step + 1) / warmup
    if phase.schedule == "constant":
        return phase.learning_rate
    if phase.schedule == "plateau":
        least = min(phase.plateau_least, phase.learning_rate)
        return max(phase.learning_rate * scale, least)
    progress = (step - warmup) / max(steps - warmup, 1)
    return phase.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))
