"""A passkey: six digits, as a display shows them and as a person types them."""

from __future__ import annotations

from glowtool.errors import UsageError


def parse_passkey(text: str) -> int:
    """Return the passkey that a person typed: six digits, with or without a space in the middle; else `UsageError`."""
    digits = "".join(text.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        raise UsageError(f"a passkey is the six digits on the roller's display, not {text.strip()!r}")
    return int(digits)


def spoken_digits(number: int) -> str:
    """Return six digits as a display shows them, in two groups."""
    return f"{number // 1000:03d} {number % 1000:03d}"
