"""The steering of a massage by a person: one table of what can be asked, its keys, and the sentences."""
