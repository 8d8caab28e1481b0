"""Scenarios: the person who holds the roller, their skin, and the faults."""
