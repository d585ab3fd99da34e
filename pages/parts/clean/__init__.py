"""Pieces of the Clean page: a module per tab; `decisions` holds the selection."""
