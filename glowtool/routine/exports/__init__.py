"""Routines as files for other programs."""
