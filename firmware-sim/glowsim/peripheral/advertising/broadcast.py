"""The controller's advertising: its data, the hosts that may answer, and its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bumble import hci
from bumble.device import AdvertisingType, LegacyAdvertiser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bumble.device import Device

    from glowsim.peripheral.advertising.privacy import PrivateAddress

#: Everyone may scan; only devices on the filter accept list may connect (Core, Vol 4, Part E, 7.8.5).
_CONNECTIONS_FROM_LIST: Final = 0x02

_NO_KEY: Final = bytes(16)


@dataclass(frozen=True, slots=True)
class Invited:
    """A host that may connect: its identity, and the key of its private addresses, if any."""

    identity: hci.Address
    irk: bytes | None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """An advertisement: its data, and the hosts that may answer; None: all hosts."""

    data: bytes
    invited: tuple[Invited, ...] | None = None


class Broadcaster:
    """The advertiser of one device. It calls `on_address` with every private address that it takes."""

    def __init__(self, device: Device, on_address: Callable[[str], None]) -> None:
        self._device = device
        self._on_address = on_address
        self._said: Broadcast | None = None

    def answered(self) -> None:
        """Note that a host has answered, upon which a controller ends advertising."""
        self._said = None

    @property
    def selects(self) -> bool:
        """Whether the controller can be told which hosts may answer; with extended advertising it is not asked to."""
        wanted = hci.HCI_LE_ADD_DEVICE_TO_FILTER_ACCEPT_LIST_COMMAND, hci.HCI_LE_ADD_DEVICE_TO_RESOLVING_LIST_COMMAND
        host = self._device.host
        return not self._device.supports_le_extended_advertising and all(map(host.supports_command, wanted))

    async def say(self, wanted: Broadcast | None) -> None:
        """Advertise this from now on, or nothing; nothing happens when that is already so."""
        if wanted is not None and not self.selects:
            wanted = Broadcast(wanted.data)
        if wanted == self._said:
            return
        if wanted is None:
            await self._device.stop_advertising()
        elif wanted.invited is None:
            await self._device.start_advertising(advertising_data=wanted.data)
        else:
            await self._select(wanted.data, wanted.invited)
        self._said = wanted

    async def change_address(self, private: PrivateAddress, now_s: float) -> None:
        """Take another private address, unless a host is connected."""
        # The address of a connection, or of an advertisement that a host may be answering, must not change.
        if self._said is not None:
            await self._device.stop_advertising()
            self._said = None
        if not self._device.connections:
            address = private.renew(now_s)
            await self._device.send_sync_command(hci.HCI_LE_Set_Random_Address_Command(random_address=address))
            self._device.random_address = address
            self._on_address(str(address))

    async def _select(self, data: bytes, invited: Sequence[Invited]) -> None:
        device = self._device
        await device.stop_advertising()
        await device.send_sync_command(hci.HCI_LE_Clear_Filter_Accept_List_Command())
        await device.send_sync_command(hci.HCI_LE_Clear_Resolving_List_Command())
        for host in invited:
            kind = host.identity.address_type
            await device.send_sync_command(
                hci.HCI_LE_Add_Device_To_Filter_Accept_List_Command(address_type=kind, address=host.identity)
            )
            if host.irk is not None:
                await device.send_sync_command(
                    hci.HCI_LE_Add_Device_To_Resolving_List_Command(
                        peer_identity_address_type=kind,
                        peer_identity_address=host.identity,
                        peer_irk=host.irk,
                        local_irk=_NO_KEY,
                    )
                )
        device.advertising_data = data
        device.legacy_advertiser = _Selective(
            device,
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE,
            hci.OwnAddressType.RANDOM,
            hci.Address.ANY,
            auto_restart=False,
        )
        await device.legacy_advertiser.start()


class _Selective(LegacyAdvertiser):
    """bumble's legacy advertiser, with the filter that bumble leaves out."""

    async def start(self) -> None:
        device = self.device
        interval = int(device.advertising_interval_min / 0.625)
        await device.send_sync_command(
            hci.HCI_LE_Set_Advertising_Data_Command(advertising_data=device.advertising_data)
        )
        await device.send_sync_command(
            hci.HCI_LE_Set_Scan_Response_Data_Command(scan_response_data=device.scan_response_data)
        )
        await device.send_sync_command(
            hci.HCI_LE_Set_Advertising_Parameters_Command(
                advertising_interval_min=interval,
                advertising_interval_max=interval,
                advertising_type=int(self.advertising_type),
                own_address_type=self.own_address_type,
                peer_address_type=self.peer_address.address_type,
                peer_address=self.peer_address,
                advertising_channel_map=7,
                advertising_filter_policy=_CONNECTIONS_FROM_LIST,
            )
        )
        await device.send_sync_command(hci.HCI_LE_Set_Advertising_Enable_Command(advertising_enable=1))
