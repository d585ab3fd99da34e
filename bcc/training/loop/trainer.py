"""The training loop: phases, epochs, steps; after each epoch validate and save the best weights.

Read `Trainer.run_to_end`, `_train_phase`, `_train_epoch`, `_train_step` and `_end_epoch` in this order.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.models.saving import load_model, save_model
from bcc.training.config.train_config import TrainConfig
from bcc.training.inputs.batches import Plan, plan_steps, training_batches
from bcc.training.inputs.class_weights import class_weights
from bcc.training.inputs.frozen_features import prepare_features, validation_view, view_images
from bcc.training.inputs.oversampling import augment_chances, rows_an_epoch, rows_per_class
from bcc.training.inputs.rows import TRAIN, VALIDATION, Rows
from bcc.training.loop.batch_statistics import BATCHES
from bcc.training.loop.checkpoint import read_train_state, restore_variables, save_checkpoint
from bcc.training.loop.learner import Learner, relative_work
from bcc.training.loop.schedules import learning_rate_at
from bcc.training.loop.throughput import Throughput
from bcc.training.loop.train_state import TrainState
from bcc.training.loop.validation import validate
from bcc.training.loop.watched_images import Watched
from bcc.training.records.run_writer import LOGGER, RunWriter

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

CHECKPOINT_EVERY = 20.0
"""Seconds of training between two checkpoints at least."""

CHECKPOINT_SHARE = 0.05
"""Share of the time that checkpoints may take: those of a large model are saved less often."""


class Trainer:
    """One run's training, from its first weights (or its checkpoint) to the best.

    Args:
        writer: writes the run directory: state, history, log.
        config: of the run.
        dataset: what to train on.
        rows: which rows train and which validate.
        model: with its first weights; each phase freezes its own share of it.
        strategy: distributes each batch over several devices.
    """

    def __init__(
        self,
        writer: RunWriter,
        config: TrainConfig,
        dataset: Dataset,
        rows: Rows,
        model: keras.Model,
        strategy: tf.distribute.Strategy | None = None,
    ) -> None:
        self.writer, self.run = writer, writer.run
        self.config, self.dataset, self.rows, self.model = config, dataset, rows, model
        self.strategy = strategy
        self.classes = len(dataset.class_names)
        self.names = list(config.phases)
        self.work = {name: relative_work(config, name) for name in self.names}
        shown = rows_an_epoch(dataset.labels, rows.of(TRAIN), config)
        self.batch_size = min(config.batch_size, shown)
        self.steps_per_epoch = shown // self.batch_size
        self.weights = class_weights(dataset.labels, rows.of(TRAIN), self.classes, config.class_weights)
        self.chances = None
        if config.augment_common < 1:
            self.chances = augment_chances(
                dataset.labels, rows.of(TRAIN), self.classes, config.augment_common
            )
        self.watched = Watched(
            self.run,
            model,
            dataset.images,
            dataset.labels,
            rows.of(VALIDATION),
            config.image_size,
            config.seed,
        )
        self.state = TrainState()
        self.rate = 0.0
        self.started = self.saved_at = time.monotonic()
        self.save_took = 0.0
        if self.batch_size < config.batch_size:
            LOGGER.warning(
                "batch_size %d is larger than the %d training rows: each step takes them all",
                config.batch_size,
                self.batch_size,
            )
        if config.accumulate > self.steps_per_epoch:
            LOGGER.warning(
                "accumulate %d is more than the %d steps of an epoch: in most epochs the weights do not move",
                config.accumulate,
                self.steps_per_epoch,
            )

    def resume(self) -> None:
        """Continue from the last checkpoint; rows written after it are removed from the history."""
        self.state = TrainState.from_dict(read_train_state(self.run), self.steps_per_epoch)
        self._enter_phase(restored=True)
        self.writer.truncate_after(self.state.step, self.state.epoch)
        self.watched.restore_until(self.state.epoch)
        LOGGER.info("Resuming after step %d of %d", self.state.step, self._planned_steps())

    def run_to_end(self) -> bool:
        """Train all phases to their last epoch, an early stop or a request to stop.

        Returns:
            Whether it was stopped on request. Either way model.keras holds the best weights.

        Raises:
            UserError: the loss is no longer a number, or the disk is full.
        """
        if not self.state.step:
            self._enter_phase()
        while True:
            if self._train_phase():
                return True
            if self.state.phase + 1 == len(self.names):
                return False
            # A phase begins where the run was best, not where the previous one happened to end.
            self.model.set_weights(load_model(self.run.model).get_weights())
            self.state.enter_next_phase()
            self._enter_phase()
            self._save_checkpoint()

    def _train_phase(self) -> bool:
        """Train epoch after epoch to the end of the phase; returns whether a stop was requested."""
        if self._phase_is_over():
            return False
        # One input pipeline per phase: it reads ahead beyond the end of an epoch.
        batches = iter(self._batches(self.state.phase_step, len(self.plan.rows)))
        while not self._phase_is_over():
            if self._train_epoch(batches):
                return True
        return False

    def _train_epoch(self, batches: Iterator[tuple[Any, Any, Any]]) -> bool:
        """Train to the end of the current epoch, then validate; returns whether a stop was requested."""
        steps_left = self.steps_per_epoch - self.state.phase_step % self.steps_per_epoch
        for number, (inputs, labels, weights) in enumerate(islice(batches, steps_left), start=1):
            loss, accuracy = self._train_step(inputs, labels, weights)
            self._record_step(loss, accuracy)
            if number == steps_left:
                self._end_epoch()
            if self._checkpoint_or_stop():
                return True
        return False

    def _train_step(self, inputs: Any, labels: Any, weights: Any) -> tuple[float, float]:
        """One batch: returns its mean loss and accuracy."""
        state, steps = self.state, len(self.plan.rows)
        # The schedule follows weight updates: with accumulation several steps share one learning rate.
        updates = state.phase_step // self.config.accumulate
        self.rate = learning_rate_at(updates, self._updates(steps), self.phase, state.plateau_scale)
        last = state.phase_step + 1 == steps
        loss, accuracy = self.learner.steps.train(
            inputs, labels, weights, self.rate, state.phase_step, self._cached, last
        )
        self.clock.tick()
        state.count(loss, accuracy)
        return loss, accuracy

    def _record_step(self, loss: float, accuracy: float) -> None:
        """Write the step to batches.csv and the state.

        Raises:
            UserError: the loss is no longer a number.
        """
        state = self.state
        self.writer.add_batch(
            {
                "step": state.step,
                "epoch": state.epoch + 1,
                "phase": self.name,
                "loss": loss,
                "accuracy": accuracy,
                "learning_rate": self.rate,
                "images_per_second": self.clock.speed,
            }
        )
        if not math.isfinite(loss):
            raise UserError(
                f"The loss became {loss} at step {state.step}: lower the learning rate "
                f"(now {self.phase.learning_rate:g})."
            )
        self.writer.update(
            stage=f"Training {self.name}, epoch {state.epoch + 1} of {self._planned_epochs()}",
            epoch=state.epoch,
            epochs=self._planned_epochs(),
            step=state.step,
            steps=self._planned_steps(),
            images_per_second=self.clock.speed,
            seconds_left=self._seconds_left(),
        )

    def _end_epoch(self) -> None:
        """Validate, save the weights if they are the best so far, and write the epoch to history.csv."""
        validation_loss, validation_accuracy = self._validate()
        done = self.state.phase_step
        moved = self._updates(done) > self._updates(done - self.steps_per_epoch)
        loss, accuracy = self.state.end_epoch(validation_loss, validation_accuracy, self.phase, moved)
        self.writer.update(force=True, epoch=self.state.epoch)
        if self.watched.is_due:
            with self._averaged():
                self.watched.record(self.state.epoch)
            self.clock.skip()
        self.writer.add_epoch(
            {
                "epoch": self.state.epoch,
                "phase": self.name,
                "loss": loss,
                "accuracy": accuracy,
                "validation_loss": validation_loss,
                "validation_accuracy": validation_accuracy,
                "learning_rate": self.rate,
                "images_per_second": self.clock.speed,
                "seconds": time.monotonic() - self.started,
            }
        )
        LOGGER.info(
            "Epoch %d of %d: loss %.3f, accuracy %.1f %%; validation loss %.3f, accuracy %.1f %%",
            self.state.epoch,
            self._planned_epochs(),
            loss,
            100 * accuracy,
            validation_loss,
            100 * validation_accuracy,
        )

    def _validate(self) -> tuple[float, float]:
        """Validation loss and accuracy; weights that are the best so far are saved."""
        self.writer.update(force=True, stage="Scoring the validation images")
        with self._averaged():
            loss, accuracy = validate(
                self.learner.steps,
                self.frozen.validation if self.frozen else self._images,
                self.dataset.labels,
                self.rows.of(VALIDATION),
                self.classes,
                cached=self.frozen is not None,
            )
            if self.state.is_best(loss, accuracy, self.phase):
                self.state.best, self.state.best_loss = accuracy, loss
                save_model(self.model, self.run.model)
        self.clock.skip()
        self.writer.update(force=True, best_validation_accuracy=self.state.best)
        return loss, accuracy

    def _images(self, rows: np.ndarray) -> Any:
        return view_images(self.dataset, self.phase_config, rows, validation_view(self.phase_config))

    def _checkpoint_or_stop(self) -> bool:
        """Save a checkpoint if one is due or a stop was requested; returns whether to stop."""
        stop = self.writer.stop_wanted()
        if stop and self.state.best < 0:
            # The run needs weights to predict with. They do not count as the best once it is resumed.
            self._validate()
            self.state.best, self.state.best_loss = -1.0, math.inf
        if stop or self._checkpoint_is_due():
            self._save_checkpoint()
        return stop

    def _phase_is_over(self) -> bool:
        """Whether the phase has reached its last epoch, or waited long enough for progress."""
        state = self.state
        if state.phase_step >= len(self.plan.rows):
            return True
        waited = state.epochs_without_progress
        amid_epoch = state.phase_step % self.steps_per_epoch
        if amid_epoch or not self.phase.patience or waited < self.phase.patience:
            return False
        figure = f"validation {self.phase.monitor}"
        ended = "Stopped early" if state.phase + 1 == len(self.names) else f"Phase {self.name} ended early"
        message = f"{ended}: no better {figure} for {waited} epochs."
        LOGGER.info(message)
        self.writer.update(force=True, message=message)
        return True

    def _enter_phase(self, restored: bool = False) -> None:
        """Freeze what stands still in this phase and compile its steps; `restored` from the checkpoint."""
        self.name = self.names[self.state.phase]
        self.phase = self.config.phases[self.name]
        # The run's config with the recipe of this phase.
        self.phase_config = self.config.model_copy(update={"recipe": self.phase.recipe or self.config.recipe})
        self.learner = Learner(self.model, self.config, self.name, self.strategy)
        if restored:
            # Before the frozen part is asked: it must have the weights that it had, not random ones.
            restore_variables(self.run, self.learner.variables)
        self.plan = self._plan()
        self.frozen = prepare_features(
            self.learner.cut.trunk,
            self.dataset,
            self.phase_config,
            self.rows.of(TRAIN),
            self.rows.of(VALIDATION),
            self.writer.report,
        )
        self.clock = Throughput(self.batch_size, len(self.plan.rows))
        self.writer.begin_stage(f"Compiling the training step of phase {self.name}")
        LOGGER.info(
            "Phase %s: %d blocks and the head learn, %s of %s parameters",
            self.name,
            self.learner.cut.blocks,
            f"{sum(math.prod(v.shape) for v in self.learner.cut.rest.trainable_variables):,}",
            f"{self.model.count_params():,}",
        )

    def _plan(self) -> Plan:
        phases = list(self.config.phases.values())
        first_epoch = sum(phase.epochs for phase in phases[: self.state.phase])
        return plan_steps(
            self.rows.of(TRAIN),
            self.batch_size,
            self.phase.epochs,
            self.config.seed,
            first_epoch,
            labels=self.dataset.labels,
            per_class=rows_per_class(self.dataset.labels, self.rows.of(TRAIN), self.config),
        )

    def _batches(self, first: int, end: int) -> Iterable[tuple[Any, Any, Any]]:
        """The batches of some steps of the phase, as training sees them."""
        plan = self.plan.until(end)
        if self._cached:
            assert self.frozen is not None
            return self.frozen.batches(self.dataset.labels, self.weights, plan, self.classes, first)
        result: Iterable[tuple[Any, Any, Any]] = training_batches(
            self.dataset.images,
            self.dataset.labels,
            self.weights,
            plan,
            self.phase_config,
            self.classes,
            first_step=first,
            chances=self.chances,
        )
        return result

    @property
    def _cached(self) -> bool:
        """Whether training reads cached features of the frozen part instead of images."""
        return bool(self.frozen and self.frozen.train_views)

    def _averaged(self) -> AbstractContextManager[None]:
        """Within it the model has the weights that are scored and saved: their average, where one is kept."""
        done = self.state.phase_step

        def last_inputs() -> Iterator[Any]:
            return (inputs for inputs, _, _ in self._batches(max(0, done - BATCHES), done))

        return self.learner.averaged(done, last_inputs, self._cached)

    def _updates(self, steps: int) -> int:
        """How many times the weights were updated after this many steps of the phase."""
        left_over = steps == len(self.plan.rows) and steps % self.config.accumulate > 0
        return steps // self.config.accumulate + left_over

    def _seconds_left(self) -> float | None:
        """Guess of the time to the end of the last phase, by the speed of this one."""
        here = self.clock.seconds_left(self.state.phase_step)
        if here is None:
            return None
        a_step = self.batch_size / self.clock.speed / self.work[self.name]
        later = self.names[self.state.phase + 1 :]
        return here + sum(
            self.config.phases[name].epochs * self.steps_per_epoch * a_step * self.work[name]
            for name in later
        )

    def _planned_epochs(self) -> int:
        """Epochs done, and still to do unless a phase ends early."""
        phases = list(self.config.phases.values())[self.state.phase :]
        return self.state.phase_first_epoch + sum(phase.epochs for phase in phases)

    def _planned_steps(self) -> int:
        return self._planned_epochs() * self.steps_per_epoch

    def _checkpoint_is_due(self) -> bool:
        """A dead run loses little, and training does not wait for the disk."""
        wait = max(CHECKPOINT_EVERY, self.save_took / CHECKPOINT_SHARE if CHECKPOINT_EVERY else 0.0)
        return time.monotonic() - self.saved_at >= wait

    def _save_checkpoint(self) -> None:
        begun = time.monotonic()
        save_checkpoint(self.run, self.learner.variables, self.state.to_dict())
        self.saved_at = time.monotonic()
        self.save_took = self.saved_at - begun
        self.clock.skip()
