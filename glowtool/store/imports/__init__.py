"""Recordings of other devices: a table of text becomes a log, by a mapping that says what its columns are."""
