"""How numbers, states, names and errors read on screen."""
