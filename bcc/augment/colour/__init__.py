"""Other colours: the light, the camera or the dye was another."""

from __future__ import annotations

__all__: list[str] = []
