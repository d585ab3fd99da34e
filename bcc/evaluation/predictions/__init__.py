"""What runs say of rows and of new images: one run, several together, one that looks several times."""
