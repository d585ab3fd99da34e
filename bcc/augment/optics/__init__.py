"""Another lens, focus or camera."""

from __future__ import annotations

__all__: list[str] = []
