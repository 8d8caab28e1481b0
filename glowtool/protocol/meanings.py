"""The meaning of each number in the vocabulary in a line, for the protocol page; the model keeps those of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from glowtool.model import state
from glowtool.model.ceilings import CeilingId
from glowtool.model.ending import ENDS, MassageEnd
from glowtool.model.state import INTERLOCKS, STATES, Capability, Fault, Interlock, State
from glowtool.protocol.advertising import AdvertisingFlag
from glowtool.protocol.ceilings import WATCHDOG_MS_MIN, ceiling
from glowtool.protocol.records import Diagnostic
from glowtool.protocol.vocabulary import Result, Setting

RESULTS: Final[dict[Result, str]] = {
    Result.SUCCESS: "done; the answer carries the state after it",
    Result.UNKNOWN_OPCODE: "the device does not know the opcode",
    Result.BAD_LENGTH: "the operands do not have the declared length",
    Result.OUT_OF_RANGE: "an operand is outside the range of its declaration, or names something that the device does not have",
    Result.WRONG_STATE: "not legal in the present state (table below)",
    Result.NO_PROGRAM: "data or commit without a begin",
    Result.BAD_CRC: "at the commit: bytes are missing, or the CRC or the number of steps is not as announced",
    Result.OVER_CEILING: "allowed by the declaration, but over a ceiling in force now (a setting, the massage, the day)",
    Result.BATTERY_LOW: "the battery is under the ceiling that the command needs",
    Result.LOCKED: "outputs are locked: on the charger, or during an update",
    Result.GRACE: "re-arming came within the grace time after the emergency stop",
    Result.MTU_TOO_SMALL: "not even one sample fits a notification",
    Result.UNKNOWN_SETTING: "the device has no such setting",
    Result.NOT_FROM_THIS_HOST: "the massage or the program belongs to another host; or the link is not that of a bonded host",
    Result.FLASH_FULL: "the flash has no room for it, or cannot store it (since 1.1; answers commands of 1.1 only)",
    Result.NO_RECORD: "there is no such record (since 1.1; answers commands of 1.1 only)",
}

DIAGNOSTICS: Final[dict[Diagnostic, str]] = {
    Diagnostic.RESET_CAUSE: "the cause of the last start: 0 power on, 1 brown-out, 2 software, 3 watchdog of the processor",
    Diagnostic.POWER_ONS: "starts by switching on",
    Diagnostic.BROWN_OUTS: "starts after a brown-out",
    Diagnostic.SOFTWARE_RESETS: "starts by software, such as after an update",
    Diagnostic.WATCHDOG_RESETS: "starts by the processor's own watchdog",
    Diagnostic.RUNTIME_MINUTES: "minutes with the power on",
    Diagnostic.HOST_SILENCES: "massages paused because the host fell silent",
    Diagnostic.LINK_LOSSES: "massages paused because the link was lost",
    Diagnostic.FAULTS: "how often a part was found broken",
    Diagnostic.FLASH_ERASES: "erases of all flash sectors together",
    Diagnostic.FLASH_ERASES_MOST: "erases of the most erased sector",
    Diagnostic.FLASH_RECORDS_DAMAGED: "records that the last start found torn or damaged, and did not accept",
    Diagnostic.FLASH_BYTES_LEFT: "bytes left for the stored program and massage records",
    Diagnostic.OFFLINE_MASSAGES: "massages started with the button, without a host",
    Diagnostic.RECORDS_LOST: "massages that did not fit into the flash and were not kept",
    Diagnostic.STORED_PROGRAM_CRC: "CRC-32 of the stored program; 0: none is stored",
    Diagnostic.LAST_STREAM_FRAMES: "frames of the newest telemetry stream so far, even after a lost link; 0 after a start "
    "of the firmware (since 1.2)",
    Diagnostic.TARES_DISCARDED: "stored tares that were dropped because readings in the air showed them to be wrong",
    Diagnostic.DAY_CURRENT_S: "seconds of microcurrent that count for the day, including those of a lease",
    Diagnostic.DAY_VIBRATION_S: "seconds of vibration that count for the day, including those of a lease",
    Diagnostic.DAY_RETURNS_MINUTES: "minutes with the power on until the oldest hour no longer counts; 0: nothing counts",
    Diagnostic.PROGRAM_REST_S: "seconds of rest that places need before the loaded program may start; 0: none, or none is loaded",
}

ADVERTISED: Final[dict[AdvertisingFlag, str]] = {
    AdvertisingFlag.PAIRING_WINDOW_OPEN: "a host can pair now",
    AdvertisingFlag.BONDED: "it keeps a bond with a host",
    AdvertisingFlag.CHARGING: "it is on the charger",
    AdvertisingFlag.NO_DISPLAY: "it has no display, and pairs by Just Works",
    AdvertisingFlag.BONDS_FULL: "it has no room for more bonds, and pairs with no other host (since 1.2)",
}

#: In the model's words, which name no version of the protocol; what came later is told here.
FAULTS: Final[dict[Fault, str]] = {**state.FAULTS, Fault.FIRMWARE: f"{state.FAULTS[Fault.FIRMWARE]} (since 1.3)"}

CAPABILITIES: Final[dict[Capability, str]] = {
    **state.CAPABILITIES,
    Capability.RECORDS: f"{state.CAPABILITIES[Capability.RECORDS]} (since 1.1)",
    Capability.KEYFRAMES: f"{state.CAPABILITIES[Capability.KEYFRAMES]} (since 1.4)",
}


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """Unit, range and default of a setting."""

    meaning: str
    unit: str
    low: int
    high: int
    default: int


SETTINGS: Final[dict[Setting, SettingFacts]] = {
    Setting.WATCHDOG_MS: SettingFacts(
        "how long the host may be silent before outputs go to zero",
        "ms",
        WATCHDOG_MS_MIN,
        ceiling(CeilingId.HOST_SILENCE),
        ceiling(CeilingId.HOST_SILENCE),
    ),
    Setting.PEAK_UA_MAX: SettingFacts(
        "upper limit of the microcurrent's peak",
        "µA",
        0,
        ceiling(CeilingId.PEAK_CURRENT),
        ceiling(CeilingId.PEAK_CURRENT),
    ),
    Setting.AMPLITUDE_PERMILLE_MAX: SettingFacts(
        "upper limit of the vibration's amplitude",
        "‰",
        0,
        ceiling(CeilingId.VIBRATION_AMPLITUDE),
        ceiling(CeilingId.VIBRATION_AMPLITUDE),
    ),
}


_LATER: Final = "of a later version of the protocol; update glowtool to know it"


def meaning_of(member: object) -> str:
    """Return the meaning of a member of the vocabulary in a line; empty if the name says it all."""
    match member:
        case Result():
            return RESULTS.get(member, _LATER)
        case State():
            return STATES[member]
        case Interlock():
            return INTERLOCKS[member]
        case Fault():
            return FAULTS[member]
        case Capability():
            return CAPABILITIES[member]
        case Diagnostic():
            return DIAGNOSTICS[member]
        case AdvertisingFlag():
            return ADVERTISED[member]
        case MassageEnd():
            return ENDS.get(member, _LATER)
        case Setting():
            facts = SETTINGS[member]
            return f"{facts.meaning}; {facts.low} to {facts.high} {facts.unit}, default {facts.default}"
        case _:
            return ""
