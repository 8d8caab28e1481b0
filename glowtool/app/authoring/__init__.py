"""Routines as people write them: listed, made, changed, compared and checked."""
