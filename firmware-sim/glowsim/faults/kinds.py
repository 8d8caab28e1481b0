"""Every fault in one table, and a fault by its name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from glowsim.faults.kind import Kind, Number, Part
from glowsim.faults.sensor_kinds import HEAD, SENSOR_KINDS
from glowtool.errors import InputError

_SHARE: Final = Number("share", "", 0.0, 1.0, 0.1)
_REBOOTED: Final = "the link is lost (supervision timeout); after reconnecting: idle, outputs zero, new device time"
KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "link-loss",
        Part.LINK,
        "sets outputs to zero within the watchdog time and pauses; it cannot be heard while the fault lasts",
        "supervision timeout (0x08); after reconnecting: paused, outputs zero, interlock WATCHDOG if its "
        "last heartbeat was too long ago by then, else LINK_LOSS",
    ),
    Kind(
        "packet-loss",
        Part.LINK,
        "repeats lost packets at the next connection event; drops frames when its queue is full",
        "everything arrives later, or with gaps in the frames' sequence; no byte is wrong",
        (_SHARE,),
        needs_air=True,
    ),
    Kind(
        "delay",
        Part.LINK,
        "nothing: its packets take longer, in order",
        "everything arrives later, heartbeats too: a delay near the watchdog time pauses with interlock WATCHDOG",
        (Number("ms", "ms", 0.0, 5000.0, 100.0), Number("jitter_ms", "ms", 0.0, 5000.0, 20.0)),
        needs_air=True,
    ),
    Kind(
        "duplication",
        Part.LINK,
        "nothing: it sends each frame once",
        "a share of the notifications arrives twice, with the same sequence number",
        (_SHARE,),
        needs_air=True,
    ),
    Kind(
        "mtu-23",
        Part.LINK,
        "agrees to no MTU above 23, from the next connection on",
        "MTU 23; TELEMETRY_START for more than 8 bytes per sample, such as all channels, is answered MTU_TOO_SMALL",
    ),
    Kind(
        "refused-bond",
        Part.LINK,
        "refuses every pairing, whether its window is open or not",
        "pairing failed: pairing not supported (Security Manager 0x05)",
    ),
    Kind(
        "lost-bond",
        Part.LINK,
        "forgets all bonds, and ends the link of a host that had one",
        "a present link ends (0x05); encrypting with the old key fails: PIN or key missing (0x06)",
        moment=True,
    ),
    *SENSOR_KINDS,
    Kind(
        "gel-drying",
        Part.BODY,
        "delivers current while its source's voltage suffices. It keeps the contact, but gel that dries during one "
        "contact looks like a shrinking one: less current until the next lift, and none once it is four times as dry",
        "the impedance channel rises; interlocks CURRENT_DENSITY, then NO_CONTACT when it dries fast",
        (Number("minutes", "min", 0.02, 60.0, 5.0),),
    ),
    Kind(
        "electrode-lifting",
        Part.BODY,
        "sets the current to zero in the same tick; after 200 ms it stays zero until the next lift, since electrodes "
        "and cells contradict each other; vibration continues",
        "interlock NO_CONTACT, impedance at its maximum",
        (HEAD,),
    ),
    Kind(
        "over-temperature",
        Part.BODY,
        "sets outputs to zero until the heads have cooled by 2 K",
        "interlock HEAD_TEMPERATURE, the temperature channels",
        (Number("celsius", "°C", 20.0, 80.0, 45.0),),
    ),
    Kind(
        "low-battery",
        Part.POWER,
        "delivers no current below 10 %; below 5 % it fades out within 2 s and ends the massage",
        "battery level; interlock BATTERY_CURRENT, then BATTERY_EMPTY",
        (Number("percent", "%", 0.0, 100.0, 8.0),),
        moment=True,
    ),
    Kind(
        "dead-battery",
        Part.POWER,
        "sets outputs to zero and stays off until the fault ends; then it boots with 20 % (a person has charged it)",
        f"nothing while it is off: {_REBOOTED}",
    ),
    Kind(
        "brown-out",
        Part.POWER,
        "sets outputs to zero, is off, and boots when power is back; reset cause brown-out",
        _REBOOTED,
        (Number("off_s", "s", 0.01, 60.0, 0.5),),
        moment=True,
    ),
    Kind(
        "reboot",
        Part.POWER,
        "sets outputs to zero and boots within 0.3 s; reset cause software",
        _REBOOTED,
        moment=True,
    ),
    Kind(
        "hang",
        Part.POWER,
        "hangs: the output stage shuts off after 20 ms, the watchdog resets the processor after 0.25 s; reset cause "
        "watchdog",
        _REBOOTED,
        moment=True,
    ),
    Kind(
        "clock-jump",
        Part.CLOCK,
        "shows another UTC, if UTC was set; device time does not jump, and the day's dose is not renewed",
        "another UTC in status and Current Time; device time and frames continue without a gap",
        (Number("by_s", "s", -400_000_000.0, 400_000_000.0, 3600.0),),
        moment=True,
    ),
    Kind(
        "flash-full",
        Part.FLASH,
        "keeps no further programs or massages; settings, dose and counters still have room",
        "PROGRAM_STORE is answered FLASH_FULL, unless the previous program makes room; DIAGNOSTICS: no bytes left",
    ),
    Kind(
        "flash-corrupted",
        Part.FLASH,
        "finds the damage in its self-test; after the next start, damaged records count as never kept",
        "SELF_TEST: fault FLASH; after a restart DIAGNOSTICS counts the damaged records",
        (Number("bytes", "bytes, one bit in each", 1.0, 4096.0, 16.0),),
        moment=True,
    ),
)

BY_NAME: Final = {kind.name: kind for kind in KINDS}


def find(name: str) -> Kind:
    """Return the kind of fault with a name; InputError lists the known names and suggests the nearest."""
    if name not in BY_NAME:
        close = get_close_matches(name, BY_NAME, 1)
        guess = f"; did you mean {close[0]}?" if close else ""
        raise InputError(f"there is no fault {name!r}; there are {', '.join(BY_NAME)}{guess}")
    return BY_NAME[name]
