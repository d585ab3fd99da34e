"""One image file: decoding it, and what values of more than 8 bits stand for."""
