"""Care that every floor needs, glowsim too: whose a place on disk is, and which process holds a lock."""
