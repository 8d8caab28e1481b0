"""The roller as bumble's device: its name, its identity, and how it advertises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bumble import hci
from bumble.device import Device, DeviceConfiguration

from glowsim.peripheral.advertising.advertisement import scan_response_data
from glowsim.peripheral.host import quiet_device

if TYPE_CHECKING:
    from glowsim.peripheral.hci import HciPort
    from glowsim.peripheral.mind import Facts

ADVERTISING_INTERVAL_MS: Final = 100.0


def roller_device(port: HciPort, facts: Facts, address: str, irk: bytes) -> Device:
    """Return the device of a roller on a controller, not yet powered on; `address` is its identity."""
    configuration = DeviceConfiguration(
        name=facts.local_name,
        address=hci.Address(address),
        irk=irk,
        gap_service_enabled=False,
        gatt_service_enabled=False,
        advertising_interval_min=ADVERTISING_INTERVAL_MS,
        advertising_interval_max=ADVERTISING_INTERVAL_MS,
        scan_response_data=scan_response_data(facts.local_name),
    )
    return quiet_device(configuration, port)
