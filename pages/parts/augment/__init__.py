"""Pieces of the Augment page."""
