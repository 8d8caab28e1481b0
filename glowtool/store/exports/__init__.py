"""Logs for other programs, and the files that a person names for them."""
