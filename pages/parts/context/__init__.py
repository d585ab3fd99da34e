"""What the page is about: the chosen dataset, the chosen run, and its predictions."""
