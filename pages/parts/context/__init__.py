"""What the page is about: the chosen data set, the chosen run, and its predictions."""
