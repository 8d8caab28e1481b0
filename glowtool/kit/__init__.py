"""The helpers that every layer needs, and glowsim too: files, locks, processes, terminals, text."""
