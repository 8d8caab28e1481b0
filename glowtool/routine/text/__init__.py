"""Routines as one line of text: its grammar, its reading with every mistake under a caret, and its writing."""
