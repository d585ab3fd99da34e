"""All that learns in one phase: the parted model, its optimiser, the average of its weights, its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from bcc.models.devices import compile_with_xla
from bcc.models.freezing import Cut, cut
from bcc.training.config.phases import FineTunePhase
from bcc.training.config.train_config import TrainConfig
from bcc.training.inputs.frozen_features import fixed_views
from bcc.training.loop.batch_statistics import BatchStatistics
from bcc.training.loop.losses import make_loss
from bcc.training.loop.optimizers import make_optimizer, rate_shares
from bcc.training.loop.train_step import Steps
from bcc.training.loop.weight_averaging import WeightAverage

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


def freeze_for_phase(model: keras.Model, config: TrainConfig, name: str) -> Cut:
    """Freeze what stands still in the phase of that name, and part the model there."""
    phase = config.phases[name]
    if isinstance(phase, FineTunePhase):
        return cut(model, phase.trainable_share, at_least=1)
    return cut(model, 0.0 if name == "head" else 1.0)


def relative_work(config: TrainConfig, name: str) -> float:
    """About how much a step of the phase of that name costs, one of `all` being 3.

    A layer that learns is passed forwards and twice backwards, a frozen one forwards, and a kept one not
    at all.
    """
    phase = config.phases[name]
    share = phase.trainable_share if isinstance(phase, FineTunePhase) else float(name == "all")
    phase_config = config.model_copy(update={"recipe": phase.recipe or config.recipe})
    kept = config.cache != "off" and bool(fixed_views(phase_config))
    return 3 * share + (0 if kept else 1 - share) + 0.05


class Learner:
    """One phase's moving parts.

    Args:
        model: whole, with the weights that the phase starts from.
        config: of the run.
        name: of the phase.
        strategy: shares each batch among several devices.
    """

    def __init__(
        self,
        model: keras.Model,
        config: TrainConfig,
        name: str,
        strategy: tf.distribute.Strategy | None = None,
    ) -> None:
        self.model = model
        self.cut = freeze_for_phase(model, config, name)
        learning = self.cut.rest.trainable_variables
        replicas = strategy.num_replicas_in_sync if strategy else 1
        with strategy.scope() if strategy else nullcontext():
            self.optimizer = make_optimizer(config, learning, replicas)
            self.average = WeightAverage(learning, config.average_weights)
            self.statistics = BatchStatistics(self.cut)
            shares = rate_shares(model, learning, config.layer_decay) if config.layer_decay < 1 else None
            self.steps = Steps(
                self.cut,
                self.optimizer,
                self.average,
                make_loss(config),
                rate_shares=shares,
                accumulate=config.accumulate,
                strategy=strategy,
                xla=compile_with_xla(config.xla),
            )

    @contextmanager
    def averaged(self, step: int, inputs: Callable[[], Iterable[Any]], cached: bool) -> Iterator[None]:
        """Put the average of the weights in their place, with batch statistics of its own, while it runs.

        Args:
            step, inputs, cached: as of `BatchStatistics.measured`.
        """
        if not self.average.averages:
            yield
            return
        with self.average.in_place(), self.statistics.measured(step, inputs, cached):
            yield

    @property
    def variables(self) -> list[keras.Variable]:
        """Everything that a step changes, in an order that never changes."""
        own = [*self.average.averages, *self.steps.accumulated]
        return [*self.model.variables, *self.optimizer.variables, *own]
