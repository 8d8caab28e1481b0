"""The commands to a roller: a verb each, past the gate to the control point, and what the answers say."""
