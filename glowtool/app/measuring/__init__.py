"""Readings without a massage: recordings, and the live meter."""
