"""A program: taken in, run step by step, and tallied when no host is there."""
