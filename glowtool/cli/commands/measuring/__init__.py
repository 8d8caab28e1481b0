"""The commands that only measure: `record` and `meter`."""
