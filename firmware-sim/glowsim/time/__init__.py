"""Time: event loops with their own clocks, and work that is due at a moment."""
