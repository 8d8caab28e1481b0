"""`glowtool routines`: the routines that there are, and those that people write."""
