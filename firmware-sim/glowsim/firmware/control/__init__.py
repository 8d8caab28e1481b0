"""The control point: from a write to its answer, which host may give which command, and what each command does."""
