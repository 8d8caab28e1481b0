"""The subscriptions of one link: which callback gets the values of which characteristic."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_16

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.client import NotifyCallback
    from bumble.gatt_client import CharacteristicProxy

    from glowtool.link.bumble.gatt.att_client import AttClient

    Subscribers = dict[int, set[CharacteristicProxy[bytes] | Callable[[bytes], object]]]

logger = logging.getLogger(__name__)

_CCCD: Final = normalize_uuid_16(0x2902)
_OFF: Final = b"\x00\x00"
_NOTIFY: Final = b"\x01\x00"
_INDICATE: Final = b"\x02\x00"


async def subscribe(att: AttClient, characteristic: BleakGATTCharacteristic, callback: NotifyCallback) -> None:
    """Pass every notification, or else every indication, to `callback`, from the receive path and in order.

    A callback that raises is logged. Raises BleakError when the characteristic can do neither, when it is
    subscribed already, and ATT errors when the peer refuses.
    """
    handle = characteristic.obj.handle
    if handle in att.notification_subscribers or handle in att.indication_subscribers:
        raise BleakError(f"{characteristic} is subscribed already; stop_notify first")
    cccd = cccd_handle(characteristic)
    subscribers, bits = _kind(att, characteristic)

    def deliver(value: bytes) -> None:
        try:
            callback(bytearray(value))
        except Exception:  # somebody else's code, called from the receive path: it must not break it
            logger.exception("a callback failed on a value of %s", characteristic)

    # The first value may arrive before the answer to the subscription.
    subscribers[handle] = {deliver}
    try:
        await att.write_value(cccd, bits, with_response=True)
    except BaseException:
        subscribers.pop(handle, None)
        raise


async def unsubscribe(att: AttClient, characteristic: BleakGATTCharacteristic) -> None:
    """End a subscription; BleakError when there is none."""
    handle = characteristic.obj.handle
    if handle not in att.notification_subscribers and handle not in att.indication_subscribers:
        raise BleakError(f"{characteristic} is not subscribed")
    try:
        await att.write_value(cccd_handle(characteristic), _OFF, with_response=True)
    finally:
        att.notification_subscribers.pop(handle, None)
        att.indication_subscribers.pop(handle, None)


def _kind(att: AttClient, characteristic: BleakGATTCharacteristic) -> tuple[Subscribers, bytes]:
    if "notify" in characteristic.properties:
        return att.notification_subscribers, _NOTIFY
    if "indicate" in characteristic.properties:
        return att.indication_subscribers, _INDICATE
    raise BleakError(f"{characteristic} can neither notify nor indicate")


def cccd_handle(characteristic: BleakGATTCharacteristic) -> int:
    """Return the descriptor for subscriptions to a characteristic; BleakError when it has none."""
    cccd = characteristic.get_descriptor(_CCCD)
    if cccd is None:
        raise BleakError(f"{characteristic} has no client characteristic configuration descriptor")
    return cccd.handle
