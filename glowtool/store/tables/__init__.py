"""The finished log: its tables, its manifest, and the way to it from a journal."""
