"""Random numbers of a library that takes them from numpy's global state, from a seed of ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

# The state is the whole process's: two threads must not seed it at the same time.
_state = threading.Lock()


@contextmanager
def numpy_seeded(seed: int) -> Iterator[None]:
    """Let numpy's global state begin with a seed, and put it back afterwards.

    Args:
        seed: any number from 0 on; the lower 32 bits count.
    """
    with _state:
        before = np.random.get_state()
        np.random.seed(seed & 0xFFFFFFFF)
        try:
            yield
        finally:
            np.random.set_state(before)
