"""Faults on demand and on schedule: what can go wrong, declared once, and the board that switches it."""
