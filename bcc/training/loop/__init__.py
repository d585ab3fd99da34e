"""The loop itself, and everything that one training step needs."""
