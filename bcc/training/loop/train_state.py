"""Where in its training a run is: all that a checkpoint must know beside the variables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from bcc.training.config.phases import Phase


@dataclass
class TrainState:
    """Counters of a run.

    Attributes:
        step: steps done, in all phases.
        epoch: epochs done, in all phases.
        phase: the phase under way, counted from 0 among those that are trained.
        phase_step: steps done in it.
        phase_first_epoch: epochs done before it.
        best, best_loss: validation accuracy (0..1; -1 before the first) and loss of the best weights.
        phase_best: the best figure of this phase, more is better, in terms of what it monitors.
        epochs_without_progress: since that best.
        plateau_waited: epochs without progress since then or since the last cut of the learning rate.
        plateau_scale: what those cuts have come to, 1 at first.
        loss_sum, accuracy_sum, counted: over the steps of the epoch that is under way.
    """

    step: int = 0
    epoch: int = 0
    phase: int = 0
    phase_step: int = 0
    phase_first_epoch: int = 0
    best: float = -1.0
    best_loss: float = math.inf
    phase_best: float = -math.inf
    epochs_without_progress: int = 0
    plateau_waited: int = 0
    plateau_scale: float = 1.0
    loss_sum: float = 0.0
    accuracy_sum: float = 0.0
    counted: int = 0

    @classmethod
    def from_dict(cls, values: Mapping[str, float], steps_per_epoch: int = 1) -> TrainState:
        """Read what `to_dict` wrote, also from before there were phases.

        Raises:
            KeyError: it is no position.
        """
        step = int(values["step"])
        known = {"phase_step": step, "epoch": step // steps_per_epoch, "phase_best": values["best"], **values}
        kinds = {field.name: int if field.type == "int" else float for field in fields(cls)}
        return cls(**{name: kinds[name](known[name]) for name in kinds if name in known})  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, float]:
        """Plain numbers."""
        return asdict(self)

    def count(self, loss: float, accuracy: float) -> None:
        """A step has ended with this loss and accuracy."""
        self.step += 1
        self.phase_step += 1
        self.loss_sum += loss
        self.accuracy_sum += accuracy
        self.counted += 1

    def is_best(self, loss: float, accuracy: float, phase: Phase) -> bool:
        """Whether weights with this validation loss and accuracy are the best of the run so far."""
        return loss < self.best_loss if phase.monitor == "loss" else accuracy > self.best

    def end_epoch(
        self, loss: float, accuracy: float, phase: Phase, moved: bool = True
    ) -> tuple[float, float]:
        """An epoch has ended with this validation loss and accuracy.

        Args:
            loss, accuracy: on the validation rows.
            phase: the one under way.
            moved: whether the weights moved in it; one in which gradients were only accumulated is no epoch
                without progress.

        Returns:
            Mean loss and accuracy of its steps.
        """
        means = self.loss_sum / self.counted, self.accuracy_sum / self.counted
        self.loss_sum = self.accuracy_sum = 0.0
        self.counted = 0
        self.epoch += 1
        figure = -loss if phase.monitor == "loss" else accuracy
        if figure > self.phase_best:
            self.phase_best = figure
            self.epochs_without_progress = self.plateau_waited = 0
            return means
        if not moved:
            return means
        self.epochs_without_progress += 1
        self.plateau_waited += 1
        if phase.schedule == "plateau" and self.plateau_waited >= phase.plateau_patience:
            self.plateau_scale *= phase.plateau_factor
            self.plateau_waited = 0
        return means

    def enter_next_phase(self) -> None:
        """A phase has ended; what counts within a phase begins anew."""
        self.phase += 1
        self.phase_first_epoch = self.epoch
        self.phase_step = self.epochs_without_progress = self.plateau_waited = 0
        self.phase_best, self.plateau_scale = -math.inf, 1.0
