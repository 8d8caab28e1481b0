"""The firmware's interface for the Bluetooth side. The implementation supplies the device clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from glowtool.protocol.advertising import MODEL_GR1
from glowtool.protocol.channels import CHANNELS

if TYPE_CHECKING:
    from glowtool.model.channel import Channel
    from glowtool.protocol.status import Feature, Status


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about a roller, which never change. `serial` ends in four hexadecimal digits."""

    manufacturer: str
    model: str
    serial: str
    hardware: str
    firmware: str
    model_number: int = MODEL_GR1
    channels: tuple[Channel, ...] = CHANNELS

    @property
    def local_name(self) -> str:
        """The advertised name."""
        return f"{self.model} {self.serial_tail:04X}"

    @property
    def serial_tail(self) -> int:
        """The last four hexadecimal digits of the serial number."""
        return int(self.serial[-4:], 16)


class Mind(Protocol):
    """The firmware as a Bluetooth stack sees it."""

    @property
    def facts(self) -> Facts:
        """The identity of the device."""
        ...

    @property
    def feature(self) -> Feature:
        """The content of the feature characteristic."""
        ...

    @property
    def battery_percent(self) -> int:
        """The charge of the battery, 0 to 100."""
        ...

    @property
    def forgets_host(self) -> bool:
        """Whether the bond of the present host is dropped when its connection ends."""
        ...

    def find_defect(self) -> None:
        """Note that a handler has failed: outputs are zero from now on."""
        ...

    def status(self) -> Status:
        """Return the status as it is now."""
        ...

    def on_control(self, data: bytes, mtu: int) -> bytes:
        """Return the answer to a write to the control point, empty for no answer; it never raises."""
        ...

    def on_link(self, *, up: bool, authenticated: bool, host: str = "") -> None:
        """Note that the link came up, was authenticated as the link of `host`, or went down."""
        ...
