"""`glowtool scan`: the command, the rule for which devices it shows, and its lines."""
