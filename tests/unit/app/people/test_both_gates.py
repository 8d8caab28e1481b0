"""The bounds of a person are in force at both gates: before the driver, and where a driver's own bytes leave."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast
from unittest.mock import Mock, sentinel

import pytest
from bleak.backends.device import BLEDevice

from glowtool.app.rollers.opening import driver_opener, gate_of
from glowtool.device.driver import Driver
from glowtool.drivers.kinds import DriverKind
from glowtool.errors import SafetyError
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import Capability, DeviceLimits
from glowtool.routine import compile_routine
from glowtool.safety.limits import PersonalMax
from glowtool.store.routines.load import load_routine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.device.driver import OpenDriver
    from glowtool.safety import Gate

DEVICE: Final = BLEDevice("F1:00:00:00:00:01", "Brush", None)
ABLE: Final = Capability.VIBRATION | Capability.MICROCURRENT
MINE: Final = PersonalMax(peak_ua=50.0, amplitude=0.2)


async def test_a_driver_is_opened_with_the_same_bounds_at_its_wire_and_before_it() -> None:
    at_the_wire: list[Gate] = []

    def opener(_client_for: object, gate: Gate, _patience: object) -> OpenDriver:
        at_the_wire.append(gate)

        @asynccontextmanager
        async def opened(*_: object) -> AsyncIterator[Driver]:
            yield cast("Driver", Mock(spec=Driver, limits=DeviceLimits(ABLE)))

        return opened

    odd = DriverKind("brush", lambda _: True, opener)
    too_much = compile_routine(load_routine("first-glow"))
    async with driver_opener(sentinel.adapter, DEVICE, odd, MINE)(lambda: 0, lambda _: None) as driver:
        with pytest.raises(SafetyError, match="it must be at most 50 µA"):
            driver.admit(too_much)
    (gate,) = at_the_wire
    with pytest.raises(SafetyError, match="it must be at most 50 µA"):
        gate.hold(too_much)


def test_what_a_device_says_of_itself_raises_nothing() -> None:
    gate = gate_of(MINE)
    gate.learn(DeviceLimits(ABLE, {CeilingId.PEAK_CURRENT: 400.0, CeilingId.VIBRATION_AMPLITUDE: 1.0}))
    assert (gate.ceilings[CeilingId.PEAK_CURRENT], gate.ceilings[CeilingId.VIBRATION_AMPLITUDE]) == (50.0, 0.2)
