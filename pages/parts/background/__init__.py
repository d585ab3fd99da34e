"""Work that takes longer than a rerun, and what the page shows meanwhile."""
