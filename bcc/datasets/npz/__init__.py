"""Reading `.npz` files: which arrays are the images, which their labels, and never a pickle."""
