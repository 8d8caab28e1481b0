"""What a log says after the fact: metrics, a summary, and a report."""
