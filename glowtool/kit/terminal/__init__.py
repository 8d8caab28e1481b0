"""The terminal that a command was started in: its width, and whose it is at present."""
