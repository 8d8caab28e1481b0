"""The erasure of what is kept: a log with all that comes from it, or a roller's name in what stays."""
