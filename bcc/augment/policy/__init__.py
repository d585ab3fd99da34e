"""Augmentations that choose among augmentations."""

from __future__ import annotations

__all__: list[str] = []
