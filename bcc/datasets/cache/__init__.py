"""Converted datasets on disk: made once, opened in milliseconds, recognised by their fingerprint."""
