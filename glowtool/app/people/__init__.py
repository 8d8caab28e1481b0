"""Use cases about people: who is meant, what is in force for somebody, and what is kept of whom."""
