"""A program: its upload, its run step by step, and its record when no host is there."""
