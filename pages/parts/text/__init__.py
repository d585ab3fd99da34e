"""How numbers, states, names and errors are written on screen."""
