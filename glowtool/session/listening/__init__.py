"""A free recording: the readings of a device while nothing of it runs."""
