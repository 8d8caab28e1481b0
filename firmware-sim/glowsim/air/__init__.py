"""The virtual radio: one shared air, and a controller for each host and each roller on it."""
