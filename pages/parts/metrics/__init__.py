"""Pieces of the Metrics page, a section each."""
