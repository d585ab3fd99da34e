"""Pieces of a screen that several pages use: forms, galleries, downloads."""
