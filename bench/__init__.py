"""Measurements, each side by side with a peer in one process run: `python -m bench [name ...]`.

Speed is measured here and nowhere else; docs/performance.md keeps the latest tables.
"""
