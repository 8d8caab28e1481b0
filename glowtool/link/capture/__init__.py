"""A capture of what a client notifies, reads and writes, for bug reports."""
