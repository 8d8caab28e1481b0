"""One connection on the air: its link layer on the event loop, between two controllers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bumble import core, hci, ll

from glowsim.air.impairments import Direction, LinkLayer

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from bumble.controller import Controller

    from glowsim.air.conditions import LinkConditions

#: The length of a control PDU; all of them are about this short.
_CONTROL_OCTETS: Final = 12

#: An L2CAP PDU on the channel of ATT that is a notification (Core, Vol 3, Part A, 2.1, and Part F, 3.4.7.1).
_ATT_CHANNEL: Final = b"\x04\x00"
_NOTIFICATION: Final = 0x1B


@dataclass(frozen=True, slots=True)
class _Parcel:
    content: ll.ControlPdu | bytes
    acknowledged: Callable[[], None]


@dataclass(frozen=True, slots=True)
class End:
    """One side of a connection: its controller, and its address on the air."""

    controller: Controller
    address: hci.Address


def _nobody_waits() -> None:
    pass


class Carrier:
    """Carries PDUs between central and peripheral, in order, as fast as the conditions allow.

    `on_end` is called when the connection has ended for one of the two: by request, or by the supervision timeout.
    """

    def __init__(
        self,
        peripheral: End,
        central: End,
        conditions: LinkConditions,
        chance: random.Random,
        on_end: Callable[[Carrier], None],
    ) -> None:
        self.ends = (peripheral, central)
        self._loop = asyncio.get_running_loop()
        self._chance = chance
        self._layer: LinkLayer[_Parcel] = LinkLayer(conditions, self._loop.time(), chance)
        self._immediate = conditions.immediate
        self._under_way = 0
        self._on_end = on_end
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    @property
    def conditions(self) -> LinkConditions:
        """The conditions in force."""
        return self._layer.conditions

    def change(self, conditions: LinkConditions) -> None:
        """Continue under other conditions."""
        self._layer.change(conditions, self._loop.time())
        self._immediate = conditions.immediate
        self._arm()

    def fall_silent(self) -> None:
        """Let nothing pass any more: one end has vanished, and the other end will notice."""
        self._layer.fall_silent(self._loop.time())
        self._arm()

    def close(self) -> None:
        """End the connection; PDUs on their way are lost."""
        self._closed = True
        self._disarm()

    def direction_from(self, address: hci.Address) -> Direction:
        """Return the direction of the PDUs that an end sends."""
        return Direction.TO_CENTRAL if self.ends[0].address == address else Direction.TO_PERIPHERAL

    def carry(
        self,
        direction: Direction,
        content: ll.ControlPdu | bytes,
        acknowledged: Callable[[], None] = _nobody_waits,
    ) -> None:
        """Carry a control PDU or the data of an L2CAP PDU; `acknowledged` is called when the sender has room again."""
        if self._closed:
            return
        if self._immediate and self._layer.idle:
            if self._under_way or not isinstance(content, bytes):
                self._under_way += 1
                self._loop.call_soon(self._arrive_after_all, direction, content)
            else:
                # Receivers pass data to their hosts in a later turn of the loop anyway.
                self._arrive(direction, content)
            acknowledged()
            return
        octets = len(content) if isinstance(content, bytes) else _CONTROL_OCTETS
        self._layer.put(direction, _Parcel(content, acknowledged), octets, self._loop.time())
        self._arm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._disarm()
        due_s = self._layer.next_s()
        if due_s is not None and not self._closed:
            self._timer = self._loop.call_at(due_s, self._on_due)

    def _on_due(self) -> None:
        now_s = self._loop.time()
        if self._layer.lost(now_s):
            self._on_end(self)
            return
        for direction, parcel in self._layer.run(now_s):
            self._arrive(direction, parcel.content)
            parcel.acknowledged()
        self._arm()

    def _arrive_after_all(self, direction: Direction, content: ll.ControlPdu | bytes) -> None:
        self._under_way -= 1
        self._arrive(direction, content)

    def _arrive(self, direction: Direction, content: ll.ControlPdu | bytes) -> None:
        receiver, sender = self.ends[direction], self.ends[1 - direction]
        # The connection may have ended while the packet was on its way.
        if self._closed or sender.address not in receiver.controller.le_connections:
            return
        if not isinstance(content, bytes):
            receiver.controller.on_ll_control_pdu(sender.address, content)
            if sender.address not in receiver.controller.le_connections:
                self._on_end(self)
            return
        for _ in range(self._copies(direction, content)):
            receiver.controller.on_link_acl_data(sender.address, core.PhysicalTransport.LE, content)

    def _copies(self, direction: Direction, content: bytes) -> int:
        """Return how many copies of an L2CAP PDU the host's side gets; only for notifications it may not be one."""
        conditions = self.conditions
        if not (conditions.host_drop or conditions.duplicate) or direction is not Direction.TO_CENTRAL:
            return 1
        if content[2:4] != _ATT_CHANNEL or content[4:5] != bytes((_NOTIFICATION,)):
            return 1
        if self._chance.random() < conditions.host_drop:
            return 0
        return 2 if self._chance.random() < conditions.duplicate else 1
