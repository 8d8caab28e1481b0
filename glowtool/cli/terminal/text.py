"""Durations and sentences in people's words."""

from __future__ import annotations


def duration_text(duration_s: float) -> str:
    """Return a duration as `45 s` or `4:05 min`."""
    whole = round(duration_s)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d} min"


def capitalised(words: str) -> str:
    """Return words that begin as a sentence does."""
    return words[:1].upper() + words[1:]
