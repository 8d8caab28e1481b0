"""Exports of a session's log for other programs: a module for each, a row for each in the registry."""
