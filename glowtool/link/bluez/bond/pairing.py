"""The pairing through BlueZ: `Device1.Pair` on a device that is not connected, with our own agent for the answers.

On a connected device, BlueZ may only raise the security of its ATT channel. The kernel does that with the default
agent's capability, not ours: Just Works although a passkey was possible. And on a bonded device, 5.66 tries BR/EDR and
does not answer. So we do neither.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowtool.errors import AdapterUnavailableError, GlowtoolError, PairingError, PairingTimeoutError, WeakPairingError
from glowtool.link.bluez.bond.agent import Question, registered_agent
from glowtool.link.bluez.bond.failures import Course, pairing_failure
from glowtool.link.bluez.bus import DEVICE, BlueZError, open_bus
from glowtool.link.bluez.devices import device_at, disconnect, remove
from glowtool.link.bluez.races import unless
from glowtool.link.pairing import PairingMethod, already_paired

if TYPE_CHECKING:
    from glowtool.link.bluez.bond.agent import Agent
    from glowtool.link.bluez.bus import Bus
    from glowtool.link.bluez.devices import Device
    from glowtool.link.pairing import PairingAnswers

#: A connection right after the end of another one can fail although the peer is ready.
_CONNECT_ATTEMPTS: Final = 3
_CONNECT_PAUSE_S: Final = 0.3

#: The clean-up must not take longer than a person waits after Ctrl-C.
_CLEAN_UP_S: Final = 5.0

_METHODS: Final = {
    None: PairingMethod.JUST_WORKS,
    Question.PASSKEY: PairingMethod.PASSKEY,
    Question.COMPARISON: PairingMethod.COMPARISON,
}


async def pair_device(device_path: str, address: str, answers: PairingAnswers, timeout_s: float) -> PairingMethod:
    """Pair with the device at a D-Bus path, keep the bond, and disconnect; see Adapter.pair for what it raises."""
    async with open_bus() as bus:
        try:
            async with asyncio.timeout(timeout_s):
                device = await _ready(bus, device_path, address)
                await _consent(answers)
                method = await _pair(bus, device, answers)
        except TimeoutError as error:
            raise PairingTimeoutError(
                f"pairing with {address} took more than {timeout_s:g} s", advice="run `glowtool pair` again"
            ) from error
        await disconnect(bus, device_path)
        return method


async def _ready(bus: Bus, path: str, address: str) -> Device:
    """Return the device without bond and connection."""
    device = await device_at(bus, path)
    if device is None:
        raise pairing_failure(BlueZError("org.freedesktop.DBus.Error.UnknownObject", ""), Course(address))
    if device.paired:
        raise already_paired(address)
    if device.connected:
        # A program that ended left it behind: BlueZ keeps connections even if nobody uses them.
        await disconnect(bus, path)
    return device


async def _consent(answers: PairingAnswers) -> None:
    # This is asked before pairing: once BlueZ has paired, the peer keeps its half of an unwanted bond.
    if answers.just_works is not None and not await answers.just_works():
        raise WeakPairingError("the pairing without a check was not accepted, so nothing was paired")


async def _pair(bus: Bus, device: Device, answers: PairingAnswers) -> PairingMethod:
    async with registered_agent(bus, device.path, answers) as agent:
        try:
            await unless(agent.given_up, _ask_to_pair(bus, device, agent))
            agent.raise_error()
            method = _METHODS[agent.question]
            _check_method(method, device, answers)
            await _check_bond(bus, device)
            await bus.set_flag(device.path, DEVICE, "Trusted", value=True)
        except BaseException:
            await _undo(bus, device)
            raise
        return method


def _check_method(method: PairingMethod, device: Device, answers: PairingAnswers) -> None:
    # BlueZ agrees to Just Works by itself, without asking the agent, whatever the agent can do.
    if method is PairingMethod.JUST_WORKS and answers.just_works is None:
        raise WeakPairingError(
            f"{device.address} paired without a check although it has a display, so the bond was removed. Another "
            "device may have answered",
            advice="go where nobody is nearby, and try again",
        )


async def _check_bond(bus: Bus, device: Device) -> None:
    paired = await device_at(bus, device.path)
    if paired is None or not paired.paired:
        raise PairingError(f"{device.address} paired, but keeps no bond, so glowtool cannot use it")


async def _ask_to_pair(bus: Bus, device: Device, agent: Agent) -> None:
    for attempt in range(1, _CONNECT_ATTEMPTS + 1):
        try:
            await bus.call(device.path, DEVICE, "Pair", timeout_s=None)
        except BlueZError as error:
            again = error.name == "org.bluez.Error.Failed" and agent.question is None and attempt < _CONNECT_ATTEMPTS
            if not again:
                agent.raise_error()
                raise pairing_failure(error, _course(device, agent)) from error
            await asyncio.sleep(_CONNECT_PAUSE_S)
        else:
            return


def _course(device: Device, agent: Agent) -> Course:
    waited_s = 0.0 if agent.question is None else asyncio.get_running_loop().time() - agent.asked_at_s
    return Course(device.address, agent.question, agent.answered, waited_s)


async def _undo(bus: Bus, device: Device) -> None:
    """Leave no pairing in progress, no bond and no connection; raises no error of its own."""
    with suppress(TimeoutError, GlowtoolError, AdapterUnavailableError):
        async with asyncio.timeout(_CLEAN_UP_S):
            # Without a pairing in progress, this drops the key that one left: BlueZ does the one or the other.
            with suppress(BlueZError):
                await bus.call(device.path, DEVICE, "CancelPairing", start_service=False)
            # Remove the device too: BlueZ would go on without the services of a device whose discovery was cut off.
            await remove(bus, device)
