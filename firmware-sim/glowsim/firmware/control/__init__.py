"""The control point: from a write to its answer, who may give which command, and what each one does."""
