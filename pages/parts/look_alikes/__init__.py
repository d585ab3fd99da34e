"""Pieces of the page Look-alikes."""
