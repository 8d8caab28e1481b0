"""The commands of the control point: one row for each, and everything derived from the rows."""
