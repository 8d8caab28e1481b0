"""What carries out what was decided: asynchronous, and without a decision of its own."""
