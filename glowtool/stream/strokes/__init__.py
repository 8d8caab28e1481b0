"""Strokes: their definition, and how they are found as samples arrive."""
