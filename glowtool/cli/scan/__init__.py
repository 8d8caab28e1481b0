"""`glowtool scan`: the command, the rule for the devices that it shows, and its lines."""
