"""Faults on demand and on schedule: every fault, declared once, and the board that switches them."""
