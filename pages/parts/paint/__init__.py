"""Pieces of the Paint page."""
