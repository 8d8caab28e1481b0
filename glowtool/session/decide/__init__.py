"""Decisions about a massage. Pure: no asyncio, no files, no wall clock; times are arguments."""
