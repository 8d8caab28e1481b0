"""Time: event loops with a clock of their own, and work that is due at a moment."""
