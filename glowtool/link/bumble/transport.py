"""The way from an adapter specification to an open HCI transport."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, Protocol, cast

from bumble.transport import open_transport

from glowtool.errors import AdapterUnavailableError
from glowtool.link.spec import AdapterKind, AdapterSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bumble.transport.common import Transport

ENTRY_POINT_GROUP: Final = "glowtool.adapters"
_OPEN_TIMEOUT_S: Final = 10.0


class TransportOpener(Protocol):
    """The signature of an entry point in the group `glowtool.adapters`."""

    def __call__(
        self, argument: str | None, *, state_dir: Path, announce: Callable[[str], None]
    ) -> AbstractAsyncContextManager[Transport]:
        """Open an HCI transport for the time of a block."""
        ...


@asynccontextmanager
async def open_hci_transport(
    spec: AdapterSpec, *, state_dir: Path, announce: Callable[[str], None]
) -> AsyncIterator[Transport]:
    """Open the transport to the HCI controller that `spec` names, for the time of the block.

    Raises AdapterUnavailableError when nothing answers, when bumble does not know the transport, or when the
    package that brings the adapter is not installed.
    """
    if spec.kind is AdapterKind.PLUGIN:
        async with _plugin(spec)(spec.argument, state_dir=state_dir, announce=announce) as transport:
            yield transport
        return
    transport = await _open(spec)
    try:
        yield transport
    finally:
        await transport.close()
        # In the next turn of the loop, the socket tells its protocol that it is closed.
        await asyncio.sleep(0)


async def _open(spec: AdapterSpec) -> Transport:
    try:
        async with asyncio.timeout(_OPEN_TIMEOUT_S):
            return await open_transport(_bumble_name(spec))
    except TimeoutError as error:
        raise AdapterUnavailableError(f"{spec}: no answer within {_OPEN_TIMEOUT_S:g} s") from error
    except Exception as error:
        # Each of bumble's transports, and each driver below, has errors of its own: libusb's, serial's, bare ones.
        raise _cannot_open(spec, error) from error


def _bumble_name(spec: AdapterSpec) -> str:
    if spec.kind is AdapterKind.TCP:
        host, port = spec.host_port
        return f"tcp-client:{host}:{port}"
    return spec.argument or ""


def _cannot_open(spec: AdapterSpec, error: Exception) -> AdapterUnavailableError:
    why = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
    if spec.kind is AdapterKind.TCP:
        advice = "start `glowsim serve` there, or correct the host and the port"
        return AdapterUnavailableError(f"nothing answers at {spec} ({why})", advice=advice)
    advice = "check that the controller is connected and not in use"
    return AdapterUnavailableError(f"the transport {spec} cannot be opened ({why})", advice=advice)


def _plugin(spec: AdapterSpec) -> TransportOpener:
    installed = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if spec.name not in installed:
        others = ", ".join(sorted(installed)) or "none"
        raise AdapterUnavailableError(
            f"no installed package brings the adapter {spec.name!r} (installed: {others})",
            advice=f"install one that declares it in the entry-point group {ENTRY_POINT_GROUP}",
        )
    try:
        return cast("TransportOpener", installed[spec.name].load())
    except Exception as error:
        # A package of other authors: it may fail in any way.
        raise AdapterUnavailableError(
            f"the adapter {spec.name!r} cannot be loaded ({error})", advice="reinstall the package that brings it"
        ) from error
