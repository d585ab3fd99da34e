"""Scores counted from labels and probabilities."""
