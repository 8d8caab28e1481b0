"""Additions to bleak on Linux: pairing with an agent of our own, bonds, and the meaning of BlueZ's errors."""
