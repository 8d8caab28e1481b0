"""The journal of a running session: written so that a crash loses nothing, and read with distrust."""
