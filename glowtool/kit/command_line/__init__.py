"""Error messages for a wrong command line, and the look of command groups, shared by both programs."""
