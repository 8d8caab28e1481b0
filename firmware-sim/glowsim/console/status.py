"""The state of a served roller and its true outputs, in words: a few lines on request, or one live line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.roller.button import stored
from glowtool.model.names import key_of
from glowtool.model.program import NO_STEP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowsim.roller.roller import Roller
    from glowtool.model.state import Fault, Interlock
    from glowtool.protocol.status import Status


def live_line(roller: Roller, columns: int = 1000) -> str:
    """Return one line: what electrode and motor really do now, how the skin is touched, what holds them back.

    What does not fit into the columns is left out, least important first; the rest is cut.
    """
    delivered, status = roller.delivered, roller.machine.status()
    state = "off" if roller.machine.out else key_of(status.state)
    electrode = f"{delivered.peak_ua:3.0f} µA"
    motor = f"{delivered.amplitude:4.0%} {delivered.acceleration_ms2:4.1f} m/s²"
    contact, battery = f"{delivered.contact_area_cm2:4.2f} cm²", f"{status.battery_percent} %"
    held = [" ".join(names)] if (names := _names(status.interlocks)) else []
    forms = (
        (state, f"electrode {electrode}", f"motor {motor}", f"contact {contact}", f"battery {battery}", *held),
        (state, f"electrode {electrode}", f"motor {motor}", f"contact {contact}", battery, *held),
        (state, electrode, motor, contact, battery, *held),
        (state, electrode, motor, contact, *held),
        (state, electrode, motor, *held),
    )
    lines = [" · ".join(parts) for parts in forms]
    return next((line for line in lines if len(line) <= columns), lines[-1][: max(0, columns - 1)] + "…")


def status_lines(roller: Roller) -> Iterable[str]:
    """Yield the state of a roller, what it really delivers, and what is wrong with it, a line each."""
    status, delivered = roller.machine.status(), roller.delivered
    by = "" if roller.air_address == roller.address else f", by {roller.air_address} now"
    yield f"{roller.name} ({roller.address}{by}), {'connected' if roller.connected else 'not connected'}"
    hosts = roller.bonds.count
    yield f"pairing: {'open' if roller.pairing_open else 'closed'}, {hosts} {'host' if hosts == 1 else 'hosts'} bonded"
    yield f"state: {'off' if roller.machine.out else key_of(status.state)}{_step(status)}"
    if roller.machine.identifying:
        yield "it buzzes and blinks so that a person finds it"
    if roller.machine.signalling:
        yield "it beeps: something is about to change"
    yield f"button: starts {stored(roller)}"
    yield f"electrode: {delivered.peak_ua:.0f} µA peak, {delivered.density_rms_ua_cm2:.0f} µA/cm² r.m.s."
    yield f"motor: {delivered.amplitude:.0%}, {delivered.vibration_hz:.0f} Hz, {delivered.acceleration_ms2:.1f} m/s²"
    yield f"contact: {delivered.contact_area_cm2:.2f} cm² at the smaller head"
    yield f"battery: {status.battery_percent} %"
    yield f"interlocks: {', '.join(_names(status.interlocks)) or 'none'}"
    yield f"broken parts the device has found: {', '.join(_names(status.faults)) or 'none'}"
    yield f"faults that are on: {', '.join(map(str, roller.faults.active)) or 'none'}"


def _step(status: Status) -> str:
    return "" if status.step_index == NO_STEP else f", step {status.step_index + 1} of {status.steps}"


def _names(bits: Interlock | Fault) -> list[str]:
    return [bit.name or "" for bit in bits]
