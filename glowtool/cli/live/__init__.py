"""A massage as it is watched: on a screen, as lines, as JSON."""
