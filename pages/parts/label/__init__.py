"""Pieces of the page Label."""
