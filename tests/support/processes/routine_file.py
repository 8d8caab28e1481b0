"""A routine as a person writes one, for commands that are run as processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: What `glowtool run --json` says when outputs can be on: a status follows the first contact at once.
IN_CONTACT: Final = r'"type": "meter".*"contact": {"left": true'

LEFT: Final = ("cheek-left",)
BOTH: Final = ("cheek-left", "cheek-right")

_HEAD: Final = """
name = "{name}"
title = "{title}"
goal = "introduction"
description = "One short step after the other."
"""
_STEP: Final = """
[[steps]]
title = "{title}"
zone = "{zone}"
direction = "upward"
duration_s = {duration_s}
ramp_s = 4
band_kpa = [2.0, 5.0]
cue = "Roll slowly upward"
vibration = {{ amplitude_percent = 30, frequency_hz = 75, pattern = "steady" }}
"""
_CURRENT: Final = 'microcurrent = { peak_ua = 80, frequency_hz = 10, waveform = "biphasic-square" }\n'


def routine_file(
    folder: Path, duration_s: float, zones: tuple[str, ...] = LEFT, *, name: str = "short", current: bool = False
) -> str:
    """Write a routine, a step of `duration_s` for each zone, as `NAME.toml`, and return its path."""
    text = _HEAD.format(name=name, title=name.title())
    for zone in zones:
        area, side = zone.split("-")
        text += _STEP.format(title=f"{side.title()} {area}", zone=zone, duration_s=duration_s)
        text += _CURRENT if current else ""
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return str(path)
