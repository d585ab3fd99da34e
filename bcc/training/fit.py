"""The loop: step, write down, and at the end of each epoch score, keep the best and save a checkpoint."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.models.saving import save_model
from bcc.training.averaging import WeightAverage
from bcc.training.batches import plan_steps, training_batches
from bcc.training.checkpoint import restore_checkpoint, save_checkpoint
from bcc.training.class_weights import row_weights
from bcc.training.clock import Clock
from bcc.training.config import TrainConfig
from bcc.training.journal import LOGGER, Journal
from bcc.training.optimizers import learning_rate_at, make_optimizer
from bcc.training.progress import Position
from bcc.training.rows import TRAIN, VALIDATION, Rows
from bcc.training.steps import Steps

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

CHECKPOINT_EVERY = 20.0
"""Seconds of training between two checkpoints at least; they are saved at the end of an epoch."""


class Fit:
    """One run's training, from its first weights (or its checkpoint) to the best.

    Args:
        journal: where everything is written down.
        config: how to train.
        dataset: what to train on.
        rows: which rows train and which validate.
        model: with its first weights; only its trainable layers will change.
    """

    def __init__(
        self, journal: Journal, config: TrainConfig, dataset: Dataset, rows: Rows, model: keras.Model
    ) -> None:
        self.journal, self.run = journal, journal.run
        self.config, self.dataset, self.rows, self.model = config, dataset, rows, model
        self.classes = len(dataset.class_names)
        self.plan = plan_steps(rows.of(TRAIN), config.batch_size, config.epochs, config.seed)
        self.optimizer = make_optimizer(config, model.trainable_variables)
        self.average = WeightAverage(model.trainable_variables, config.average_weights)
        self.steps = Steps(model, self.optimizer, self.average, config.label_smoothing)
        self.position = Position()
        self.clock = Clock(self.plan.rows.shape[1], len(self.plan.rows))
        self.rate = 0.0
        self.saved_at = 0.0

    def resume(self) -> None:
        """Go back to where the last checkpoint was saved, and forget what was written after it."""
        saved = restore_checkpoint(self.run, self.model, self.optimizer, self.average)
        self.position = Position.from_dict(saved)
        self.journal.forget_after(self.position.step, self.position.step // self.plan.steps_per_epoch)
        LOGGER.info("Going on after step %d of %d", self.position.step, len(self.plan.rows))

    def run_to_end(self) -> bool:
        """Train until the last epoch, an early stop or a request.

        Returns:
            Whether it was stopped on request. Either way model.keras holds the best weights.

        Raises:
            UserError: the loss is no number any more, or the disk is full.
        """
        self.journal.say("Compiling the training step")
        for batch in self._batches():
            self._step(*batch)
            stop = self.journal.stop_wanted()
            epoch_ended = self.position.step % self.plan.steps_per_epoch == 0
            if epoch_ended:
                self._end_epoch()
            elif stop and self.position.best < 0:
                # Something to predict with. It counts for nothing once the run goes on.
                self._score()
                self.position.best = -1.0
            if stop or (epoch_ended and self._checkpoint_is_due()):
                self._save_checkpoint()
            if stop:
                return True
            if self._should_stop_early():
                break
        return False

    def _batches(self) -> tf.data.Dataset:
        weights = row_weights(
            self.dataset.labels, self.rows.of(TRAIN), self.classes, self.config.class_weights
        )
        return training_batches(
            self.dataset.images,
            self.dataset.labels,
            weights,
            self.plan,
            self.config,
            self.classes,
            first_step=self.position.step,
        )

    def _step(self, pictures: object, labels: object, weights: object) -> None:
        done, steps = self.position.step, len(self.plan.rows)
        self.rate = learning_rate_at(done, steps, self.config)
        loss, accuracy = self.steps.train(pictures, labels, weights, self.rate, done)
        self.clock.tick()
        epoch = done // self.plan.steps_per_epoch + 1
        self.position.count(loss, accuracy)
        self.journal.add_batch(
            {
                "step": self.position.step,
                "epoch": epoch,
                "loss": loss,
                "accuracy": accuracy,
                "learning_rate": self.rate,
                "images_per_second": self.clock.speed,
            }
        )
        if not math.isfinite(loss):
            raise UserError(
                f"The loss became {loss} at step {self.position.step}: lower the learning rate "
                f"(now {self.config.learning_rate:g})."
            )
        self.journal.update(
            stage=f"Training, epoch {epoch} of {self.config.epochs}",
            epoch=self.position.step // self.plan.steps_per_epoch,
            step=self.position.step,
            steps=steps,
            images_per_second=self.clock.speed,
            seconds_left=self.clock.seconds_left(self.position.step),
        )

    def _score(self) -> tuple[float, float, bool]:
        """Validation loss, accuracy, and whether it is the best so far; the best is saved."""
        self.journal.update(force=True, stage="Scoring the validation pictures")
        with self.average.in_place():
            loss, accuracy = self.steps.validate(
                self.dataset, self.rows.of(VALIDATION), self.config.image_size, self.classes
            )
            better = accuracy > self.position.best
            if better:
                self.position.best = accuracy
                save_model(self.model, self.run.model)
        self.clock.skip()
        self.journal.update(force=True, best_validation_accuracy=self.position.best)
        return loss, accuracy, better

    def _end_epoch(self) -> None:
        validation_loss, validation_accuracy, better = self._score()
        epoch = self.position.step // self.plan.steps_per_epoch
        loss, accuracy = self.position.end_epoch(better)
        self.journal.add_epoch(
            {
                "epoch": epoch,
                "loss": loss,
                "accuracy": accuracy,
                "validation_loss": validation_loss,
                "validation_accuracy": validation_accuracy,
                "learning_rate": self.rate,
                "images_per_second": self.clock.speed,
                "seconds": self.clock.elapsed,
            }
        )
        LOGGER.info(
            "Epoch %d of %d: loss %.3f, accuracy %.1f %%; validation loss %.3f, accuracy %.1f %%",
            epoch,
            self.config.epochs,
            loss,
            100 * accuracy,
            validation_loss,
            100 * validation_accuracy,
        )

    def _checkpoint_is_due(self) -> bool:
        """A dead run loses little, and quick epochs do not wait for the disk."""
        return self.clock.elapsed - self.saved_at >= CHECKPOINT_EVERY

    def _save_checkpoint(self) -> None:
        save_checkpoint(self.run, self.model, self.optimizer, self.average, self.position.to_dict())
        self.saved_at = self.clock.elapsed

    def _should_stop_early(self) -> bool:
        waited = self.position.epochs_without_progress
        if not self.config.patience or waited < self.config.patience:
            return False
        message = f"Stopped early: no better validation accuracy for {waited} epochs."
        LOGGER.info(message)
        self.journal.update(force=True, message=message)
        return True
