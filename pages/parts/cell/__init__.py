"""Pieces of the page Cell."""
