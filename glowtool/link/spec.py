"""The value of `--adapter`: the radio, real or virtual, that carries the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from glowtool.errors import UsageError
from glowtool.link.allowed import ALLOWED_SPECS

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_SYSTEM_ADAPTER: Final = re.compile(r"hci[0-9]{1,3}")
#: Python refuses to read a number of thousands of digits.
_PORT_DIGITS: Final = 5
_LOOKS_LIKE_HCI: Final = re.compile(r"hci[^a-z]*")


class AdapterKind(Enum):
    """The ways to reach the radio."""

    AUTO = "auto"
    """The system's own Bluetooth stack, its default adapter."""
    SYSTEM = "system"
    """The system's own Bluetooth stack, the adapter named in the argument."""
    TCP = "tcp"
    """An HCI controller behind a TCP socket; the argument is `HOST:PORT`."""
    BUMBLE = "bumble"
    """An HCI controller behind any transport that bumble knows; the argument is bumble's own name for it."""
    PLUGIN = "plugin"
    """An HCI controller from an installed package (entry-point group `glowtool.adapters`)."""


@dataclass(frozen=True, slots=True)
class AdapterSpec:
    """A parsed adapter specification; `str()` returns the original text.

    `name` is the first word of the text; `argument` is what follows the first colon, or None.
    """

    kind: AdapterKind
    name: str
    argument: str | None = None

    @classmethod
    def parse(cls, text: str) -> AdapterSpec:
        """Return the specification in `text`; UsageError names the text and what is allowed."""
        name, colon, rest = text.partition(":")
        argument = rest if colon else None
        if argument == "" or not _NAME.fullmatch(name):
            raise _not_a_spec(text)
        if name == "auto" or _LOOKS_LIKE_HCI.fullmatch(name):
            return _system_spec(text, name, argument)
        if name == "tcp":
            return cls(AdapterKind.TCP, name, _checked_host_port(text, argument))
        if name == "bumble":
            if argument is None:
                raise _not_a_spec(text, "bumble: needs the name of a transport, such as bumble:usb:0")
            return cls(AdapterKind.BUMBLE, name, argument)
        return cls(AdapterKind.PLUGIN, name, argument)

    @property
    def host_port(self) -> tuple[str, int]:
        """The host (without brackets) and the port of a `tcp` specification."""
        host, _, port = (self.argument or "").rpartition(":")
        return host.removeprefix("[").removesuffix("]"), int(port)

    def __str__(self) -> str:
        return self.name if self.argument is None else f"{self.name}:{self.argument}"


def _system_spec(text: str, name: str, argument: str | None) -> AdapterSpec:
    if argument is not None:
        raise _not_a_spec(text, f"{name} takes no argument")
    if name == "auto":
        return AdapterSpec(AdapterKind.AUTO, name)
    if not _SYSTEM_ADAPTER.fullmatch(name):
        raise _not_a_spec(text, "an adapter of the system has a number, such as hci0")
    return AdapterSpec(AdapterKind.SYSTEM, name)


def _checked_host_port(text: str, argument: str | None) -> str:
    host, colon, port = (argument or "").rpartition(":")
    if not colon or not host:
        raise _not_a_spec(text, "tcp needs a host and a port, such as tcp:127.0.0.1:9477")
    if not (port.isascii() and port.isdigit() and len(port) <= _PORT_DIGITS and 1 <= int(port) <= 65535):
        raise _not_a_spec(text, f"the port {port!r} is not a number from 1 to 65535")
    return f"{host}:{port}"


def _not_a_spec(text: str, why: str | None = None) -> UsageError:
    detail = f": {why}" if why else ""
    return UsageError(f"{text!r} is not an adapter{detail}", advice=f"choose one of {ALLOWED_SPECS}")
