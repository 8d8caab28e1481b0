"""`glowtool plan`: weeks with a routine a day."""
