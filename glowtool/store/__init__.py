"""Storage: the journal of a running session, finished logs, rollers, people, routines, plans, and what was had."""
