"""How fast training goes, and how long it will take."""

from __future__ import annotations

import time


class Throughput:
    """Training speed as a running average, and the time to the end.

    Args:
        batch_size: images a step.
        steps: of the whole run.
    """

    def __init__(self, batch_size: int, steps: int) -> None:
        self.batch_size = batch_size
        self.steps = steps
        self.speed = 0.0
        self._last = time.monotonic()
        self._compiling = True

    def tick(self) -> None:
        """A step has ended. The first one compiles, which says nothing about speed."""
        now = time.monotonic()
        if not self._compiling:
            speed = self.batch_size / max(now - self._last, 1e-9)
            self.speed = 0.9 * self.speed + 0.1 * speed if self.speed else speed
        self._last, self._compiling = now, False

    def skip(self) -> None:
        """Something other than training went on until now."""
        self._last = time.monotonic()

    def seconds_left(self, done: int) -> float | None:
        """Guess of the seconds until the last step; `None` before there is a speed."""
        return (self.steps - done) * self.batch_size / self.speed if self.speed else None
