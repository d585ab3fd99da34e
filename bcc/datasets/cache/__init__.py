"""Converted sets on disk: made once, opened in milliseconds, known again by their fingerprint."""
