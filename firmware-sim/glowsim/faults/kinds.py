"""Every fault as data: its parameters, what the device does, and what the host is told."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from glowtool.errors import InputError

Value = float | str
Values = Mapping[str, Value]


class Part(enum.StrEnum):
    """What of the roller a fault strikes."""

    LINK = "link"
    SENSOR = "sensor"
    BODY = "body"
    POWER = "power"
    CLOCK = "clock"
    FLASH = "flash"


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter that is a number, in its unit, between two bounds."""

    name: str
    unit: str
    low: float
    high: float
    default: float

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return f"{self.low:.10g} to {self.high:.10g} {self.unit}".rstrip()

    def value(self, given: object) -> Value | None:
        """Return the value that is given as number or text; None when it is not allowed."""
        try:
            number = float(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else math.nan
        except ValueError:
            return None
        return number if self.low <= number <= self.high else None


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter that is one of some words."""

    name: str
    options: tuple[str, ...]
    default: str

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return ", ".join(self.options)

    def value(self, given: object) -> Value | None:
        """Return the word that is given; None when it is not allowed."""
        return given if isinstance(given, str) and given in self.options else None


@dataclass(frozen=True, slots=True)
class Kind:
    """One fault. `moment`: it happens and is over; else it lasts for its time, or until it is stopped.

    `needs_air`: only a virtual air can do it, no roller on a real controller.
    """

    name: str
    part: Part
    device: str
    host: str
    parameters: tuple[Number | Choice, ...] = ()
    moment: bool = False
    needs_air: bool = False

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Return the value of every parameter, checked; InputError names the parameter, its value, what is allowed."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise InputError(f"fault {self.name} has no parameter {name!r}; {_has(tuple(known))}")
        return {name: _checked(self.name, row, given.get(name, row.default)) for name, row in known.items()}


def _has(names: tuple[str, ...]) -> str:
    return f"it has {', '.join(names)}" if names else "it has none"


def _checked(fault: str, parameter: Number | Choice, given: object) -> Value:
    value = parameter.value(given)
    if value is None:
        raise InputError(f"fault {fault}: {parameter.name} is {given!r}; allowed: {parameter.allowed}")
    return value


_CELL: Final = Choice("cell", ("lf", "lr", "rf", "rr", "all"), "lf")
_HEAD: Final = Choice("head", ("left", "right", "both"), "left")
_SHARE: Final = Number("share", "", 0.0, 1.0, 0.1)
_REBOOTED: Final = "the link is gone (supervision timeout); after reconnecting: idle, outputs zero, device time anew"
_LENIENT: Final = (
    "no interlock by itself, and no more current: the less pressed cell of a head decides. "
    "With all four, the impedance bounds the current; once it changes under cells that stand still there is none, "
    "until they live again and the roller is lifted"
)

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "link-loss",
        Part.LINK,
        "outputs to zero within the watchdog time, paused; nothing of it is heard while the fault lasts",
        "supervision timeout (0x08); after reconnecting: paused, interlock LINK_LOSS or WATCHDOG, outputs zero",
    ),
    Kind(
        "packet-loss",
        Part.LINK,
        "sends again what was lost, at the next connection event; drops frames when its queue is full",
        "everything later, or gaps in the frames' sequence; no byte is wrong",
        (_SHARE,),
        needs_air=True,
    ),
    Kind(
        "delay",
        Part.LINK,
        "nothing: what it sends is under way for longer, in order",
        "everything later; heartbeats too, so that a delay near the watchdog time pauses with interlock WATCHDOG",
        (Number("ms", "ms", 0.0, 5000.0, 100.0), Number("jitter_ms", "ms", 0.0, 5000.0, 20.0)),
        needs_air=True,
    ),
    Kind(
        "duplication",
        Part.LINK,
        "nothing: each frame is sent once",
        "a share of the notifications twice, with the same sequence number",
        (_SHARE,),
        needs_air=True,
    ),
    Kind(
        "mtu-23",
        Part.LINK,
        "agrees to no MTU above 23, from the next connection on",
        "MTU 23; TELEMETRY_START with fast channels is answered MTU_TOO_SMALL",
    ),
    Kind(
        "refused-bond",
        Part.LINK,
        "refuses every pairing, its window open or not",
        "pairing failed: pairing not supported (Security Manager 0x05)",
    ),
    Kind(
        "lost-bond",
        Part.LINK,
        "forgets all bonds; a present link goes on to its end",
        "encrypting with the old key fails: PIN or key missing (0x06)",
        moment=True,
    ),
    Kind(
        "cell-stuck",
        Part.SENSOR,
        f"takes the stuck reading for true; {_LENIENT}",
        "the same reading in every sample of that cell; interlock NO_CONTACT with all four",
        (_CELL,),
    ),
    Kind(
        "cell-noisy",
        Part.SENSOR,
        "takes the noise for pressure: halves or ends outputs when it passes a threshold",
        "noise in that cell's samples; interlocks PRESSURE_… as it passes them",
        (_CELL, Number("noise_kpa", "kPa, r.m.s.", 0.01, 20.0, 1.0)),
    ),
    Kind(
        "cell-saturated",
        Part.SENSOR,
        "outputs to zero: a saturated cell counts as harmful pressure",
        "the cell's maximum in every sample; interlock PRESSURE_ZERO",
        (_CELL,),
    ),
    Kind(
        "cell-drifting",
        Part.SENSOR,
        "takes the drift for pressure: halves, then ends outputs when it passes the thresholds; with all four, the "
        "impedance bounds the current, and cells that feel skin where the loop is open have none until both sensors "
        "agree on a lift",
        "that cell's samples rise without end; interlocks PRESSURE_… as it passes them, CURRENT_DENSITY or NO_CONTACT "
        "with all four",
        (_CELL, Number("rate_kpa_per_min", "kPa/min", -60.0, 60.0, 5.0)),
    ),
    Kind(
        "cell-dead",
        Part.SENSOR,
        "no current, since the less pressed cell of a head decides on it; vibration goes on",
        "zero in every sample of that cell; interlock CURRENT_DENSITY or NO_CONTACT",
        (_CELL,),
    ),
    Kind(
        "thermistor-broken",
        Part.SENSOR,
        "outputs to zero, state FAULT until it is switched off and on",
        "state FAULT, fault TEMPERATURE_SENSOR; START is answered WRONG_STATE",
        (_HEAD,),
    ),
    Kind(
        "gel-drying",
        Part.BODY,
        "delivers the current as long as its source's voltage suffices; it loses no contact, but what dries within one "
        "contact looks like one that shrinks: less current until the next lift",
        "the impedance channel rises; interlock CURRENT_DENSITY when it dries fast",
        (Number("minutes", "min", 0.02, 60.0, 5.0),),
    ),
    Kind(
        "electrode-lifting",
        Part.BODY,
        "current to zero in the same tick; after 200 ms it stays so until the next lift, since electrodes and cells "
        "contradict one another; vibration goes on",
        "interlock NO_CONTACT, impedance at its maximum",
        (_HEAD,),
    ),
    Kind(
        "over-temperature",
        Part.BODY,
        "outputs to zero until the heads have cooled by 2 K",
        "interlock HEAD_TEMPERATURE, the temperature channels",
        (Number("celsius", "°C", 20.0, 80.0, 45.0),),
    ),
    Kind(
        "low-battery",
        Part.POWER,
        "no current below 10 %; below 5 % it fades out within 2 s and ends the massage",
        "battery level; interlock BATTERY_CURRENT, then BATTERY_EMPTY",
        (Number("percent", "%", 0.0, 100.0, 8.0),),
        moment=True,
    ),
    Kind(
        "dead-battery",
        Part.POWER,
        "outputs to zero, off until the fault ends; boots then with 20 % (a person charged it)",
        f"nothing while it is off: {_REBOOTED}",
    ),
    Kind(
        "brown-out",
        Part.POWER,
        "outputs to zero, off, boots when power is back; reset cause brown-out",
        _REBOOTED,
        (Number("off_s", "s", 0.01, 60.0, 0.5),),
        moment=True,
    ),
    Kind(
        "reboot",
        Part.POWER,
        "outputs to zero, boots within 0.3 s; reset cause software",
        _REBOOTED,
        moment=True,
    ),
    Kind(
        "hang",
        Part.POWER,
        "the output stage shuts by itself after 20 ms; the processor's watchdog resets after 0.25 s; cause watchdog",
        _REBOOTED,
        moment=True,
    ),
    Kind(
        "clock-jump",
        Part.CLOCK,
        "its UTC jumps, if it was set; device time does not, and no new day's dose comes of it",
        "another UTC in status and Current Time; device time and frames go on without a gap",
        (Number("by_s", "s", -400_000_000.0, 400_000_000.0, 3600.0),),
        moment=True,
    ),
    Kind(
        "flash-full",
        Part.FLASH,
        "keeps no further program or massage; settings, dose and counters still have room",
        "PROGRAM_STORE is answered FLASH_FULL; DIAGNOSTICS: no bytes left",
    ),
    Kind(
        "flash-corrupted",
        Part.FLASH,
        "finds it in its self-test; from the next start on, what is damaged is not accepted and counts as never kept",
        "SELF_TEST: fault FLASH; after a restart DIAGNOSTICS counts the damaged records",
        (Number("bytes", "bytes, one bit in each", 1.0, 4096.0, 16.0),),
        moment=True,
    ),
)

BY_NAME: Final = {kind.name: kind for kind in KINDS}


def find(name: str) -> Kind:
    """Return the fault of a name; InputError names the known ones and what was perhaps meant."""
    if name not in BY_NAME:
        close = get_close_matches(name, BY_NAME, 1)
        guess = f"; did you mean {close[0]}?" if close else ""
        raise InputError(f"there is no fault {name!r}; there are {', '.join(BY_NAME)}{guess}")
    return BY_NAME[name]
