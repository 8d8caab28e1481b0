"""Routines seen before they are felt, and their exchange with other programs."""
