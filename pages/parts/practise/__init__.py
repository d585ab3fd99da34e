"""Pieces of the page Practise."""
