"""The results that can refuse a command whose request is valid, in a state that allows it, from a permitted host.

It is the last of `CHECKS`: it depends on what the roller holds or senses at that moment, in the order of each tuple.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from glowtool.protocol.vocabulary import Result


@dataclass(frozen=True, slots=True)
class Refusal:
    """A result, and when a command gets it."""

    result: Result
    when: str


_NO_UPLOAD: Final = Refusal(Result.NO_PROGRAM, "no upload is in progress")
_NO_ROOM: Final = Refusal(Result.FLASH_FULL, "the flash has no room for it, or cannot store it")
_NO_RECORD: Final = Refusal(Result.NO_RECORD, "there is no such record")

OF_A_PIECE: Final = (_NO_UPLOAD, Refusal(Result.OUT_OF_RANGE, "the piece ends beyond the announced length"))
OF_A_COMMIT: Final = (
    _NO_UPLOAD,
    Refusal(Result.BAD_CRC, "bytes are missing, or the CRC differs"),
    Refusal(Result.OUT_OF_RANGE, "a step is not acceptable by itself"),
    Refusal(
        Result.OVER_CEILING,
        "all steps together are over `MASSAGE_DURATION`, or work a place beyond `PLACE_DWELL`; or a step is over a"
        " setting",
    ),
)
OF_THE_FLASH: Final = (_NO_ROOM,)
OF_A_START: Final = (
    Refusal(
        Result.BATTERY_LOW, "the battery is under `BATTERY_EMPTY`; or under `BATTERY_CURRENT`, and a step has current"
    ),
    Refusal(
        Result.OVER_CEILING,
        "the day's ceiling for an output of the program is reached; a setting is lower than at the commit; a place has"
        " to rest first (`PROGRAM_REST_S`)",
    ),
)
OF_A_SKIP: Final = (Refusal(Result.OVER_CEILING, "the rest of the program would work a place beyond `PLACE_DWELL`"),)
OF_AN_EXTENSION: Final = (
    Refusal(Result.OVER_CEILING, "beyond `STEP_DURATION`, `MASSAGE_DURATION`, or for a place `PLACE_DWELL`"),
)
OF_A_REARM: Final = (Refusal(Result.GRACE, "the grace time is not over"),)
OF_A_TARE: Final = (
    Refusal(Result.OUT_OF_RANGE, "it is not in the air, not still for long enough, or its cells are too far off"),
)
OF_A_STREAM: Final = (Refusal(Result.MTU_TOO_SMALL, "a sample, or a slow frame, does not fit a notification"),)
OF_A_RECORD: Final = (_NO_RECORD,)
OF_BYTES: Final = (_NO_RECORD, Refusal(Result.OUT_OF_RANGE, "the offset is after the end"))
OF_A_DELETION: Final = (_NO_RECORD, Refusal(Result.BAD_CRC, "the hash differs"), _NO_ROOM)
