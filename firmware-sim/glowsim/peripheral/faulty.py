"""The radio of a roller on the virtual air, as faults strike it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bumble import hci

if TYPE_CHECKING:
    from glowsim.air.controller import VirtualController
    from glowsim.peripheral.bonds import Bonds
    from glowsim.peripheral.peripheral import Peripheral


class VirtualRadio:
    """Controller, peripheral and bonds of one roller."""

    def __init__(self, controller: VirtualController, address: str, peripheral: Peripheral, bonds: Bonds) -> None:
        self._controller = controller
        self._air = controller.air
        self._address = address
        self._usual = self._air.conditions(address)
        self._distance_m: float | None = None
        self._worse = 0.0, 0.0, 0.0, 0.0
        self._peripheral = peripheral
        self._bonds = bonds

    def cut(self) -> None:
        """Drop every connection without a word: the host finds out by its supervision timeout."""
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
        """Make the link worse by so much than it usually is; all zero: as usual."""
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
        """Carry the roller so far from its host; None: back to where it usually is."""
        self._distance_m = distance_m
        loss, delay_s, jitter_s, duplicate = self._worse
        self.degrade(loss=loss, delay_s=delay_s, jitter_s=jitter_s, duplicate=duplicate)

    def fall_silent(self, *, silent: bool) -> None:
        """Stop advertising, or go on with it."""
        self._peripheral.fall_silent(silent=silent)

    def forget_bonds(self) -> None:
        """Lose every bond."""
        self._bonds.forget()

    def refuse_pairing(self, *, refuse: bool) -> None:
        """Refuse every pairing, or go on as usual."""
        self._peripheral.refuses_pairing = refuse

    def limit_mtu(self, *, limit: bool) -> None:
        """Agree to no MTU above the smallest, or go on as usual; from the next connection on."""
        self._peripheral.limit_mtu(limit=limit)
