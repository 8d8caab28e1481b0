"""The conditions of the radio between one roller and its hosts: settings as data, and the physics of air time."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from enum import Enum
from typing import Final

from glowtool.errors import UsageError

#: One LL packet carries this much of an L2CAP PDU (Core, Vol 6, Part B, 2.4, with the data length extension).
PAYLOAD_OCTETS: Final = 251

#: Between two packets on the same channel (Core, Vol 6, Part B, 4.1.1).
INTER_FRAME_SPACE_S: Final = 150e-6

#: The MIC of an encrypted packet; an empty packet has none.
_MIC_OCTETS: Final = 4

#: Received power at one metre. Assumption: 0 dBm transmitted, small antennas, a body nearby.
RSSI_AT_1_M_DBM: Final = -50

#: Loss by distance: 2 in free space, 2.5 to 3.5 in rooms (log-distance model). Assumption: a furnished room.
PATH_LOSS_EXPONENT: Final = 2.5

#: A receiver hears nothing below this; usual for 1M at 30 % packet errors.
SENSITIVITY_DBM: Final = -96

#: The supervision timeout of a link on which nothing passes, unless another is set. bumble's hosts request the same.
DEFAULT_SUPERVISION_S: Final = 0.72

_SHORTEST_M: Final = 0.01
_LEAST_RSSI_DBM: Final = -127


class Phy(Enum):
    """A PHY, with the length of its preamble in octets (Core, Vol 6, Part B, 2.1)."""

    LE_1M = (1_000_000, 1)
    LE_2M = (2_000_000, 2)

    @property
    def symbols_per_s(self) -> int:
        """Bits on the air per second."""
        return self.value[0]

    def packet_s(self, payload_octets: int) -> float:
        """Return the air time of one packet: preamble, access address, header, payload with MIC, CRC."""
        mic = _MIC_OCTETS if payload_octets else 0
        return 8 * (self.value[1] + 4 + 2 + payload_octets + mic + 3) / self.symbols_per_s

    def exchange_s(self, payload_octets: int) -> float:
        """Return the air time of one packet, of the empty packet that acknowledges it, and of the spaces after both."""
        return self.packet_s(payload_octets) + self.packet_s(0) + 2 * INTER_FRAME_SPACE_S


@dataclass(frozen=True, slots=True)
class LinkConditions:
    """The conditions of one roller's radio; by default they are ideal: everything arrives at once.

    `interval_s`: the connection interval, 7.5 ms to 4 s: PDUs pass only at connection events, as many as fit.
    None: they pass whenever they are sent.
    `loss`: share of LL packets, 0 to 1, that must be repeated at the next connection event (without an interval:
    7.5 ms later). It costs only time, unless the link is given up.
    `delay_s`, `jitter_s`: every PDU waits in its sender for this delay plus up to the jitter; the order is kept.
    `duplicate`, `host_drop`: share of notifications that the host's side gets twice, or loses after they arrived.
    `advertising_drop`: share of advertisements that a scanner does not hear.
    `supervision_s`: 0.1 to 32 s without a packet, and more than two intervals, end a connection with reason 0x08.
        None: 0.72 s (or six intervals) on a link on which nothing passes, and no delay for a peer that vanished.
    `distance_m`: decides the RSSI; where that is below the receiver's sensitivity, nothing is heard.

    Raises UsageError for a value out of range.
    """

    interval_s: float | None = None
    phy: Phy = Phy.LE_2M
    loss: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    duplicate: float = 0.0
    host_drop: float = 0.0
    advertising_drop: float = 0.0
    supervision_s: float | None = None
    distance_m: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in _RANGES or value is None:
                continue
            low, high = _RANGES[field.name]
            if not low <= value <= high:
                raise UsageError(f"link condition {field.name} is {value!r}; allowed: {low:g} to {high:g}")
        if self.supervision_s is not None and self.interval_s is not None and self.supervision_s <= 2 * self.interval_s:
            raise UsageError(
                f"link condition supervision_s is {self.supervision_s!r}; "
                f"allowed: more than two intervals, {2 * self.interval_s:g}"
            )

    @property
    def rssi_dbm(self) -> int:
        """The RSSI that a receiver reports, in whole dBm from -127, by log-distance path loss."""
        lost_db = 10 * PATH_LOSS_EXPONENT * math.log10(max(self.distance_m, _SHORTEST_M))
        return max(_LEAST_RSSI_DBM, round(RSSI_AT_1_M_DBM - lost_db))

    @property
    def in_reach(self) -> bool:
        """Whether a receiver can hear the roller at this distance."""
        return self.rssi_dbm >= SENSITIVITY_DBM

    @property
    def silent(self) -> bool:
        """Whether nothing at all passes."""
        return self.loss >= 1 or not self.in_reach

    @property
    def immediate(self) -> bool:
        """Whether PDUs pass the moment they are sent."""
        return self.interval_s is None and not (self.loss or self.delay_s or self.jitter_s) and self.in_reach

    @property
    def supervision_timeout_s(self) -> float:
        """How long nothing may pass before a connection is given up."""
        if self.supervision_s is None:
            return max(DEFAULT_SUPERVISION_S, 6 * (self.interval_s or 0.0))
        return self.supervision_s

    @property
    def vanished_after_s(self) -> float:
        """How long it takes a peer to notice that the other has vanished."""
        return 0.0 if self.supervision_s is None else self.supervision_s


_RANGES: Final[dict[str, tuple[float, float]]] = {
    "interval_s": (0.0075, 4.0),
    "loss": (0.0, 1.0),
    "delay_s": (0.0, 10.0),
    "jitter_s": (0.0, 10.0),
    "duplicate": (0.0, 1.0),
    "host_drop": (0.0, 1.0),
    "advertising_drop": (0.0, 1.0),
    "supervision_s": (0.1, 32.0),
    "distance_m": (0.0, 10_000.0),
}

IDEAL: Final = LinkConditions()

#: A phone across a room: a usual interval, a few repeated packets, a supervision timeout of four seconds.
USUAL: Final = LinkConditions(interval_s=0.03, loss=0.02, supervision_s=4.0, distance_m=2.0)
