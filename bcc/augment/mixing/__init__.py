"""Two cells in one picture, and a label that says how much of each."""

from __future__ import annotations

__all__: list[str] = []
