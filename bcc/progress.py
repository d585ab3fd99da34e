"""The type of progress callbacks, the same everywhere."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share that is done (0..1) and a sentence for a person; what it raises ends the work."""
