"""Drivers carry a massage out. Each folder knows one kind of device; nothing above knows which it is."""
