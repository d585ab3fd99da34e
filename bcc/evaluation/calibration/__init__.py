"""Whether probabilities mean what they say, and the one number that makes them."""
