"""The strokes of many samples at once: turning points by numpy, and Python only where one may be."""
