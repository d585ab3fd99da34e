"""What a run keeps of its accuracy under distortions, several in a row, and in made-up laboratories."""
