"""The zone table: zone × output → allowed, limited or forbidden, with the reason."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from glowtool.model.face import Zone
from glowtool.model.output import Output


class Permission(enum.StrEnum):
    """Whether an output may go to a zone."""

    ALLOWED = "allowed"
    LIMITED = "limited"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """One cell of the table. `limit` is there when limited: a share of full amplitude, or µA."""

    permission: Permission
    reason: str
    limit: float | None = None


#: "Light" vibration, where the table asks for it.
LIGHT: Final = 0.3

_FINE: Final = ZoneRule(Permission.ALLOWED, "muscle and soft tissue over bone")
_EYE: Final = ZoneRule(Permission.FORBIDDEN, "never inside the orbital rim or on the eyelid: the eye lies under it")
_MOUTH: Final = ZoneRule(Permission.FORBIDDEN, "never over the mouth: mucous skin, teeth under it")
_TEMPLE_CURRENT: Final = ZoneRule(Permission.FORBIDDEN, "no current on the temples: its path would cross the head")
_TEMPLE_LIGHT: Final = ZoneRule(
    Permission.LIMITED, "only light vibration on the temples: thin bone, a superficial artery", LIGHT
)
_THROAT_CURRENT: Final = ZoneRule(
    Permission.FORBIDDEN, "no current on the front of the neck: larynx, thyroid and carotid sinus lie there"
)
_THROAT_LIGHT: Final = ZoneRule(
    Permission.LIMITED, "only light vibration on the front of the neck: larynx and thyroid lie there", LIGHT
)
_NECK_CURRENT: Final = ZoneRule(
    Permission.FORBIDDEN, "no current on the neck: the carotid sinus is near, and cleared devices differ on the neck"
)
_NECK_LIGHT: Final = ZoneRule(
    Permission.LIMITED, "only light vibration on the side of the neck: the carotid artery is near", LIGHT
)

#: For each zone the rule of vibration, then the rule of microcurrent.
_ROWS: Final[dict[Zone, tuple[ZoneRule, ZoneRule]]] = {
    Zone.FOREHEAD_LEFT: (_FINE, _FINE),
    Zone.FOREHEAD_RIGHT: (_FINE, _FINE),
    Zone.TEMPLE_LEFT: (_TEMPLE_LIGHT, _TEMPLE_CURRENT),
    Zone.TEMPLE_RIGHT: (_TEMPLE_LIGHT, _TEMPLE_CURRENT),
    Zone.CHEEK_LEFT: (_FINE, _FINE),
    Zone.CHEEK_RIGHT: (_FINE, _FINE),
    Zone.JAW_LEFT: (_FINE, _FINE),
    Zone.JAW_RIGHT: (_FINE, _FINE),
    Zone.CHIN: (_FINE, _FINE),
    Zone.NECK_SIDE_LEFT: (_NECK_LIGHT, _NECK_CURRENT),
    Zone.NECK_SIDE_RIGHT: (_NECK_LIGHT, _NECK_CURRENT),
    Zone.NECK_FRONT: (_THROAT_LIGHT, _THROAT_CURRENT),
    Zone.ORBIT_LEFT: (_EYE, _EYE),
    Zone.ORBIT_RIGHT: (_EYE, _EYE),
    Zone.MOUTH: (_MOUTH, _MOUTH),
}

ZONE_RULES: Final[dict[tuple[Zone, Output], ZoneRule]] = {
    (zone, output): rule for zone, row in _ROWS.items() for output, rule in zip(Output, row, strict=True)
}


def zone_rule(zone: Zone, output: Output) -> ZoneRule:
    """Return the rule of the table for an output in a zone."""
    return ZONE_RULES[zone, output]


def untouchable(zone: Zone) -> bool:
    """Return whether nothing may be done in a zone, not even rolling without outputs."""
    return all(ZONE_RULES[zone, output].permission is Permission.FORBIDDEN for output in Output)
