"""Cues that need no eyes: the bell of the terminal, and speech by the system's own command."""
