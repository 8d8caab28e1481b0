"""The watch over BlueZ's services notices changes; tests/radio shows what BlueZ itself does with them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from dbus_fast import Message, MessageType

from glowtool.link.bluez.table import TableWatch, holds

if TYPE_CHECKING:
    from bleak.backends.service import BleakGATTServiceCollection

DEVICE = "/org/bluez/hci0/dev_C0_00_00_00_00_01"
SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"


def removed(path: str, *interfaces: str, member: str = "InterfacesRemoved") -> Message:
    return Message(
        message_type=MessageType.SIGNAL,
        path="/",
        interface="org.freedesktop.DBus.ObjectManager",
        member=member,
        signature="oas",
        body=[path, list(interfaces)],
    )


@pytest.mark.parametrize(
    ("message", "counts"),
    [
        (removed(f"{DEVICE}/service0010", SERVICE), True),
        (removed(f"{DEVICE}/service0010", "org.freedesktop.DBus.Properties", SERVICE), True),
        (removed(f"{DEVICE}/service0010/char0011", CHARACTERISTIC), False),
        (removed(f"{DEVICE}1/service0010", SERVICE), False),
        (removed(f"{DEVICE}/service0010", SERVICE, member="InterfacesAdded"), False),
    ],
    ids=["service", "service with more", "characteristic alone", "another device", "added"],
)
def test_what_counts_as_a_change(message: Message, counts: bool) -> None:
    calls: list[None] = []
    watch = TableWatch(DEVICE, lambda: calls.append(None))
    assert watch.on_message(message) is False, "others get it as well"
    assert watch.changed is counts
    assert calls == [], "nothing was read yet"
    watch.watch()
    assert not watch.changed
    watch.on_message(message)
    assert bool(calls) is counts


def read(*characteristics: tuple[str, str]) -> BleakGATTServiceCollection:
    found = {at: SimpleNamespace(obj=(path, {}), uuid=uuid) for at, (path, uuid) in enumerate(characteristics)}
    return cast("BleakGATTServiceCollection", SimpleNamespace(characteristics=found))


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        ({"char0011": "a", "char0013": "b"}, True),
        ({"char0011": "b", "char0013": "a"}, False),
        ({"char0011": "a"}, False),
        ({"char0011": "a", "char0013": "b", "char0015": "c"}, False),
    ],
    ids=["the same", "moved", "gone", "more"],
)
def test_a_table_holds_only_when_every_characteristic_is_where_it_was(shown: dict[str, str], same: bool) -> None:
    objects = {f"{DEVICE}/service0010/{name}": {CHARACTERISTIC: {"UUID": uuid}} for name, uuid in shown.items()}
    objects[f"{DEVICE}1/service0010/char0099"] = {CHARACTERISTIC: {"UUID": "z"}}
    objects[f"{DEVICE}/service0010"] = {SERVICE: {"UUID": "s"}}
    services = read((f"{DEVICE}/service0010/char0011", "a"), (f"{DEVICE}/service0010/char0013", "b"))
    assert holds(objects, DEVICE, services) is same
    assert not holds(objects, DEVICE, None)
