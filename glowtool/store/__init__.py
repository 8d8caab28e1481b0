"""Storage: the journal of a running session, the finished log, and the list of known rollers."""
