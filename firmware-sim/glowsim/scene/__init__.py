"""Scenarios: who holds the roller, on which skin, and what goes wrong."""
