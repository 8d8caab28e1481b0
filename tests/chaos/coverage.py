"""A list of everything that can be drawn, so that it shows when something never is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.acts import ACTS
from chaos.faults import CELL_KINDS, Kind
from glowsim.faults.kinds import KINDS
from glowsim.physics.hand.personas import PERSONAS
from glowtool.protocol.commands.ownership import STOPS

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_HAPPENS: Final = (
    "dose: nearly spent",
    "host: a stranger without keys",
    "host: forgotten while it is there",
    "host: forgotten with its link",
    "host: refused as another one's",
    "host: silent for a while",
    "host: the other bonded one",
    "link: broken",
    "link: delay",
    "link: duplication",
    "link: gone",
    "link: host came back",
    "link: jitter",
    "link: loss",
    "link: lost",
    "over the radio",
    "power: fails at a write",
    "power: fails at a write of a tick",
    "power: fails in the middle of a command",
    "sensor: several lie at once",
    "skin: moisture jumps in contact",
    "tare: under load",
    "telemetry: at 400 Hz",
)

DRAWS: Final = frozenset(
    {
        *_HAPPENS,
        *(name for name, _ in ACTS),
        *(f"hand: {name}" for name in ("any", *PERSONAS)),
        *(f"sensor: {kind}" for kind in Kind),
        *(f"sensor: {kind}, all cells" for kind in CELL_KINDS),
        *(f"fault: {kind.name}" for kind in KINDS),
        *(f"subscription: none, at a {opcode.name}" for opcode in STOPS),
    }
)


def never_drawn(met: AbstractSet[str]) -> set[str]:
    """Return what can be drawn and was not."""
    return set(DRAWS - met)
