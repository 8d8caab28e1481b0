"""The routines that are kept: the built-in library, and files that people write."""
