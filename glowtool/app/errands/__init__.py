"""Short visits to a roller: what it is asked or told once, and then it is left alone."""
