"""Pieces of the page Fields."""
