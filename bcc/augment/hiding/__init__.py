"""Parts of the picture are taken away, so that no single part decides."""

from __future__ import annotations

__all__: list[str] = []
