"""Short visits to a roller: connect, ask or tell it one thing, and disconnect."""
