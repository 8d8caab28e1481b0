"""Strokes: what is one, and how they are found while the samples come."""
