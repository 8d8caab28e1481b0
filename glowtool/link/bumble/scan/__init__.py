"""Scanning: one scan in the controller, shared by bleak's scanners."""
