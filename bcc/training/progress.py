"""Where in its training a run is: all that a checkpoint must know beside the variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass
class Position:
    """Counters of a run.

    Attributes:
        step: steps done.
        best: best validation accuracy so far, 0..1; -1 before the first.
        epochs_without_progress: since that best.
        loss_sum, accuracy_sum, counted: over the steps of the epoch that is under way.
    """

    step: int = 0
    best: float = -1.0
    epochs_without_progress: int = 0
    loss_sum: float = 0.0
    accuracy_sum: float = 0.0
    counted: int = 0

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> Position:
        """Read what `to_dict` wrote."""
        return cls(
            step=int(values["step"]),
            best=float(values["best"]),
            epochs_without_progress=int(values["epochs_without_progress"]),
            loss_sum=float(values["loss_sum"]),
            accuracy_sum=float(values["accuracy_sum"]),
            counted=int(values["counted"]),
        )

    def to_dict(self) -> dict[str, float]:
        """Plain numbers."""
        return asdict(self)

    def count(self, loss: float, accuracy: float) -> None:
        """A step has ended with this loss and accuracy."""
        self.step += 1
        self.loss_sum += loss
        self.accuracy_sum += accuracy
        self.counted += 1

    def end_epoch(self, better: bool) -> tuple[float, float]:
        """An epoch has ended, with a new best or not; returns its mean loss and accuracy."""
        means = self.loss_sum / self.counted, self.accuracy_sum / self.counted
        self.loss_sum = self.accuracy_sum = 0.0
        self.counted = 0
        self.epochs_without_progress = 0 if better else self.epochs_without_progress + 1
        return means
