"""Durations and sentences in people's words."""

from __future__ import annotations


def duration_text(duration_s: float) -> str:
    """Return a duration as `45 s` or `4:05 min`."""
    whole = round(duration_s)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d} min"


def size_text(size_bytes: int) -> str:
    """Return a size as `480 kB`, `3.2 MB` or `1.4 GB`, in powers of ten as disks are sold."""
    for name, unit in (("GB", 10**9), ("MB", 10**6)):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return f"{-(-size_bytes // 1000)} kB"


def capitalised(words: str) -> str:
    """Return words that begin as a sentence does."""
    return words[:1].upper() + words[1:]
