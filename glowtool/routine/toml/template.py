"""The file with which a person begins a routine: it runs as it is, and shows what else there is."""

from __future__ import annotations

from typing import Final

from glowtool.routine.toml.writer import DIRECTIVE

_TEMPLATE: Final = """\
# Your routine. Change what you like; `glowtool routines validate {name}` checks it, and `glowtool run {name}` runs it.
# Keys carry their unit: _s seconds, _hz hertz, _ua µA, _kpa kPa, _percent percent of your own maximum.
name = "{name}"
title = "{title}"
goal = "other"  # or blood-circulation, relaxation, lymphatic-drainage, product-absorption, muscle-tone, fine-lines
description = "What it does, in a few sentences."

# One place of the face, for some time. Left and right are yours, not those of the picture.
[[steps]]
zone = "cheek"          # forehead, temple, cheek, jaw, chin, neck-side, neck-front
side = "left"           # left, right or both
direction = "upward"    # any, upward, downward, outward, inward
duration_s = 30
band_kpa = [2.0, 4.5]   # gentle: the pressure that the coach asks for
strokes_per_min = 30
cue = "Up the left cheek, from the jaw to the cheekbone"
vibration = {{ amplitude_percent = 30, frequency_hz = 75 }}
# The level may change: in straight lines, from the beginning of the step to each keyframe.
keyframes = [{{ at_s = 15, amplitude_percent = 40 }}, {{ at_s = 30, amplitude_percent = 20 }}]
# With conductive gel on the skin:
# microcurrent = {{ peak_ua = 80, frequency_hz = 10 }}

# Once more what came before, on the other side; left and right change in the words, too.
[[steps]]
mirror = true

[[steps]]
rest_s = 5
cue = "Lift the roller off, and breathe out"

# Steps inside a repeat begin with [[steps.steps]].
[[steps]]
repeat = 2

[[steps.steps]]
zone = "forehead"       # no side: first the left one, then the right one
direction = "upward"
duration_s = 10
vibration = {{ amplitude_percent = 25 }}

# Or the steps of another routine:
# [[steps]]
# include = "light-drainage"
"""


def template(name: str, schema: str) -> str:
    """Return the file of a new routine; `schema` is where editors find the JSON Schema."""
    return DIRECTIVE.format(schema) + _TEMPLATE.format(name=name, title=title_from(name))


def title_from(name: str) -> str:
    """Return a title made of a name: "my-cheeks" is "My cheeks"."""
    words = name.replace("-", " ")
    return words[:1].upper() + words[1:]
