"""The screens, one file each, and `parts`, the pieces of screens that several of them use."""
