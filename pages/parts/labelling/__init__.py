"""Decisions on cells that several pages offer: leave out, keep, give another label, undo."""
