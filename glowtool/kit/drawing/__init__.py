"""Drawings: markup from text that is escaped, colours for light and dark pages, scales and ticks."""
