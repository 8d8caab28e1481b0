"""Routines in pictures and in files of other programs."""
