"""The commands about what is safe for whom."""
