"""The radio of a roller, as faults strike it: on the virtual air, or on a real controller."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bumble import hci

if TYPE_CHECKING:
    from glowsim.air.controller import VirtualController
    from glowsim.peripheral.peripheral import Peripheral


class _HostSide:
    """The abilities of the roller's Bluetooth host, independent of the controller."""

    def __init__(self, peripheral: Peripheral) -> None:
        self._peripheral = peripheral

    def refuse_pairing(self, *, refuse: bool) -> None:
        """Refuse every pairing, or go on as usual."""
        self._peripheral.desk.refuses = refuse

    def limit_mtu(self, *, limit: bool) -> None:
        """Agree to no MTU above the smallest, or go on as usual; from the next connection on."""
        self._peripheral.limit_mtu(limit=limit)


class RealRadio(_HostSide):
    """A roller on a controller of its own, of which only the host side is ours.

    To lose a link, the roller ends it; while it is not to be heard, it does not advertise. The host learns the reason
    at once, whereas on the virtual air it waits for its supervision timeout.
    """

    def __init__(self, peripheral: Peripheral) -> None:
        super().__init__(peripheral)
        self._off = self._unheard = self._away = False

    def cut(self) -> None:
        """Drop every connection."""
        self._peripheral.drop_host(hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR)

    def degrade(self, *, loss: float, delay_s: float, jitter_s: float, duplicate: float) -> None:  # noqa: ARG002 - see below
        """Go silent when everything is lost; the other faults need the virtual air, and are not requested here."""
        self._unheard = loss >= 1.0
        self._speak_or_not()

    def go_away(self, distance_m: float | None) -> None:
        """Go out of reach, whatever the distance, or come back."""
        self._away = distance_m is not None
        self._speak_or_not()

    def fall_silent(self, *, silent: bool) -> None:
        """Stop advertising, or go on with it."""
        self._off = silent
        self._speak_or_not()

    def _speak_or_not(self) -> None:
        silent = self._off or self._unheard or self._away
        self._peripheral.fall_silent(silent=silent)
        if silent:
            self._peripheral.drop_host(hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)


class VirtualRadio(_HostSide):
    """A roller on the virtual air: controller and peripheral."""

    def __init__(self, controller: VirtualController, address: str, peripheral: Peripheral) -> None:
        super().__init__(peripheral)
        self._controller = controller
        self._air = controller.air
        self._address = address
        self._usual = self._air.conditions(address)
        self._distance_m: float | None = None
        self._worse = 0.0, 0.0, 0.0, 0.0

    def cut(self) -> None:
        """Drop every connection silently: the host notices by its supervision timeout."""
        lost = list(self._controller.le_connections.values())
        self._controller.air.abandon(self._controller)
        for connection in lost:
            gone = hci.HCI_Disconnection_Complete_Event(
                status=hci.HCI_ErrorCode.SUCCESS,
                connection_handle=connection.handle,
                reason=hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR,
            )
            self._controller.send_hci_packet(gone)

    def degrade(self, *, loss: float, delay_s: float, jitter_s: float, duplicate: float) -> None:
        """Make the link worse than usual by these values; all zero: as usual."""
        usual = self._usual
        worse = replace(
            usual,
            loss=1.0 - (1.0 - usual.loss) * (1.0 - loss),
            delay_s=usual.delay_s + delay_s,
            jitter_s=usual.jitter_s + jitter_s,
            duplicate=max(usual.duplicate, duplicate),
            advertising_drop=1.0 if loss == 1.0 else usual.advertising_drop,
            distance_m=self._distance_m or usual.distance_m,
        )
        self._worse = loss, delay_s, jitter_s, duplicate
        if worse != self._air.conditions(self._address):
            self._air.set_conditions(worse, self._address)

    def go_away(self, distance_m: float | None) -> None:
        """Carry the roller this far from its host; None: back to its usual place."""
        self._distance_m = distance_m
        loss, delay_s, jitter_s, duplicate = self._worse
        self.degrade(loss=loss, delay_s=delay_s, jitter_s=jitter_s, duplicate=duplicate)

    def fall_silent(self, *, silent: bool) -> None:
        """Stop advertising, or go on with it."""
        self._peripheral.fall_silent(silent=silent)
