"""`glowtool scan`: the command, which of what it hears is shown, and its lines."""
