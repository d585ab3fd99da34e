"""95 % intervals of every score, chosen by simulation (docs/evaluation.md)."""
