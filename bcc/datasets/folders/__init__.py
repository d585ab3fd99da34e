"""Folders and zips of images: which level holds the classes, what is left out, what is a mask."""
