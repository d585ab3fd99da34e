"""Pieces of the page Lessons."""
