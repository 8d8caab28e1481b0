"""The kinds of lines of the audit, and what each of them says."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class AuditKind(enum.StrEnum):
    """The kind of a line; `MEANING` describes it."""

    STARTED = "started"
    ORDERED = "ordered"
    REFUSED = "refused"
    STEERED = "steered"
    HELD = "held"
    PAUSED = "paused"
    RESUMED = "resumed"
    LINK = "link"
    STOPPED = "stopped"
    ENDED = "ended"
    REARMED = "rearmed"
    STORED = "stored"
    FETCHED = "fetched"
    SCREENED = "screened"
    BOUNDED = "bounded"
    ERASED = "erased"


MEANING: Final[Mapping[AuditKind, str]] = {
    AuditKind.STARTED: "a massage is about to begin: its log, its routine, and the most that it may deliver",
    AuditKind.ORDERED: "an order that may start or raise an output passed the gate",
    AuditKind.REFUSED: "lint or gate refused a program or an order: which, and why",
    AuditKind.STEERED: "somebody asked to change a massage while it ran: what, and what became of it",
    AuditKind.HELD: "the roller held outputs back, or released them: the interlocks in force",
    AuditKind.PAUSED: "the massage paused",
    AuditKind.RESUMED: "the massage went on",
    AuditKind.LINK: "the connection was lost, or made again",
    AuditKind.STOPPED: "outputs are zero: who or what asked for it, and how long it took",
    AuditKind.ENDED: "a massage is over: how it ended, and what was delivered",
    AuditKind.REARMED: "an emergency stop was taken back",
    AuditKind.STORED: "what the button of a roller starts was stored or cleared",
    AuditKind.FETCHED: "a massage by the button was fetched and counted",
    AuditKind.SCREENED: "questions of the screening were answered: which, not what",
    AuditKind.BOUNDED: "the own maximum of a person was changed",
    AuditKind.ERASED: "a person was erased; lines about that person name nobody from then on",
}
