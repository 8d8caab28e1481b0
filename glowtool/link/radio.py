"""The inspection of an adapter without contact to any peer."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glowtool.errors import GlowtoolError


class Block(enum.Enum):
    """The cause of a radio switched off below the Bluetooth stack (rfkill)."""

    SOFTWARE = "by software"
    SWITCH = "by a switch or a key of the machine"


class Obstacle(enum.Enum):
    """The reasons why an adapter cannot be used."""

    NO_SERVICE = enum.auto()
    """The system's Bluetooth service, or the access to it, is missing."""
    DENIED = enum.auto()
    """The service is there, but this user may not use it."""
    NO_ADAPTER = enum.auto()
    """The service knows no such adapter."""
    CANNOT_OPEN = enum.auto()
    """The transport to the controller does not open, or nothing answers there."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An obstacle, and the error that explains it to a person."""

    obstacle: Obstacle
    error: GlowtoolError


@dataclass(frozen=True, slots=True)
class RadioFacts:
    """The visible facts about an adapter; None if this stack does not tell.

    `stack` names the Bluetooth stack; `core_version` is the version of the Bluetooth core specification that the
    controller implements, as in "5.2"; `absent_features` are the missing features for fast telemetry; `others` are
    further adapters, or all of the kernel's if the service does not answer.
    """

    name: str
    stack: str
    stack_version: str | None = None
    address: str | None = None
    powered: bool | None = None
    block: Block | None = None
    can_be_blocked: bool = True
    low_energy: bool | None = None
    secure_connections: bool | None = None
    core_version: str | None = None
    absent_features: tuple[str, ...] | None = None
    trouble: Trouble | None = None
    others: tuple[str, ...] = ()


#: Versions of the core specification by the number that a controller gives (Assigned Numbers 2.1).
_CORE_VERSIONS: Final = (
    *("1.0b", "1.1", "1.2", "2.0", "2.1", "3.0", "4.0", "4.1"),
    *("4.2", "5.0", "5.1", "5.2", "5.3", "5.4", "6.0", "6.1"),
)


def core_version(number: int) -> str:
    """Return the version of the core specification for a controller's number."""
    return _CORE_VERSIONS[number] if number < len(_CORE_VERSIONS) else f"newer than {_CORE_VERSIONS[-1]}"
