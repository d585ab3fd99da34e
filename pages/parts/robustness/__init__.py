"""Parts of the Robustness page."""
