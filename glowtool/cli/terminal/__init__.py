"""The terminal and the standard streams: what is printed, what is asked, and which keys are taken."""
