"""Building blocks for every driver: bounded hand-overs, feeds, owned tasks, bounded attempts, and clocks."""
