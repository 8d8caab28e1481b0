"""The report's colours, for paper-white and dark pages, after Okabe and Ito's colour-blind safe set.

Wherever a colour has a meaning, a pattern, a place or a word shows it too, for print and for every eye.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one scheme, as `#rrggbb`. `mark` is what is written on the fills of zones."""

    page: str
    surface: str
    ink: str
    muted: str
    rule: str
    left: str
    right: str
    caution: str
    band: str
    below: str
    inside: str
    above: str
    over: str
    missed: str
    unworked: str
    mark: str


LIGHT: Final = Theme(
    page="#f6f5f2",
    surface="#ffffff",
    ink="#1c2126",
    muted="#59626b",
    rule="#d5d8db",
    left="#0072b2",
    right="#c04a00",
    caution="#a8281f",
    band="#d5efe5",
    below="#7cc6ee",
    inside="#3fb993",
    above="#f0b429",
    over="#e8743b",
    missed="#ffffff",
    unworked="#e6e7e8",
    mark="#14181c",
)

DARK: Final = Theme(
    page="#14181c",
    surface="#1d2329",
    ink="#e9ecee",
    muted="#a3adb6",
    rule="#3a434b",
    left="#56b4e9",
    right="#f0a03c",
    caution="#ff8a75",
    band="#1d4a3f",
    below="#7cc6ee",
    inside="#3fb993",
    above="#f0b429",
    over="#e8743b",
    missed="#dfe3e6",
    unworked="#4a545d",
    mark="#14181c",
)


def variables(theme: Theme) -> str:
    """Return a theme as CSS custom properties."""
    return "".join(f"--{field.name}:{getattr(theme, field.name)};" for field in fields(theme))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
