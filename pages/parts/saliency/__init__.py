"""Pieces of the Saliency page."""
