"""The commands of the control point: one row for each, and everything that is read from the rows."""
