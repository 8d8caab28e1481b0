"""The analysis of a finished log: metrics, a summary, and a report."""
