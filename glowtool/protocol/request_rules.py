"""What is wrong with a request whoever reads it: rules that hold fields against each other and against fixed tables.

The range of a single field is part of its declaration, and the codec's to check. What only the roller's state decides
comes later; `CHECKS` is the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.control import (
    Opcode,
    ProgramBegin,
    ProgramData,
    RequestError,
    SettingGet,
    SettingSet,
    TelemetryStart,
    decode_request,
)
from glowtool.protocol.meanings import SETTINGS
from glowtool.protocol.program import MAX_STEPS, STEP_SIZE
from glowtool.protocol.status import RATES_HZ
from glowtool.protocol.vocabulary import Result, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.control import Request

_SETTINGS: Final = frozenset(SETTINGS)


@dataclass(frozen=True, slots=True)
class Check:
    """One of the checks of a request: what it looks at, and the results with which a request can fail it."""

    name: str
    meaning: str
    results: tuple[Result, ...]


#: Every request goes through these in this order; the first that it fails is the answer.
CHECKS: Final = (
    Check("head", "the write has at least two bytes, opcode and sequence", (Result.BAD_LENGTH,)),
    Check("opcode", "the opcode is known", (Result.UNKNOWN_OPCODE,)),
    Check(
        "length",
        "the operands have the declared length, and those of `PROGRAM_DATA` at least one byte after them",
        (Result.BAD_LENGTH,),
    ),
    Check(
        "ranges",
        "each field by itself, in the order of the declaration; then fields against each other and against the tables"
        " of this page, as the next table says",
        (Result.OUT_OF_RANGE, Result.UNKNOWN_SETTING),
    ),
    Check("state", "the command is legal in the present state", (Result.WRONG_STATE, Result.LOCKED)),
    Check("host", "the command is this host's to give", (Result.NOT_FROM_THIS_HOST,)),
    Check(
        "everything else",
        "what the roller holds or senses just now: an upload, a record, the cells in the air, battery, dose, MTU",
        (
            Result.NO_PROGRAM,
            Result.NO_RECORD,
            Result.BAD_CRC,
            Result.OUT_OF_RANGE,
            Result.OVER_CEILING,
            Result.BATTERY_LOW,
            Result.GRACE,
            Result.MTU_TOO_SMALL,
            Result.FLASH_FULL,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a command's request has to be beyond the ranges of its fields."""

    wants: str
    failure: Callable[[Request], Result | None]


def _program_begin(request: Request) -> Result | None:
    begin = request.operands
    fits = isinstance(begin, ProgramBegin) and begin.length == begin.steps * STEP_SIZE
    return None if fits else Result.OUT_OF_RANGE


def _program_data(request: Request) -> Result | None:
    data = request.operands
    fits = isinstance(data, ProgramData) and data.offset + len(request.tail) <= MAX_STEPS * STEP_SIZE
    return None if fits else Result.OUT_OF_RANGE


def _setting_get(request: Request) -> Result | None:
    asked = request.operands
    return None if isinstance(asked, SettingGet) and asked.setting in _SETTINGS else Result.UNKNOWN_SETTING


def _setting_set(request: Request) -> Result | None:
    asked = request.operands
    if not isinstance(asked, SettingSet) or asked.setting not in _SETTINGS:
        return Result.UNKNOWN_SETTING
    facts = SETTINGS[Setting(asked.setting)]
    return None if facts.low <= asked.value <= facts.high else Result.OUT_OF_RANGE


def _telemetry_start(request: Request) -> Result | None:
    asked = request.operands
    fits = isinstance(asked, TelemetryStart) and asked.rate_hz in RATES_HZ and not asked.channel_mask & ~ALL_FAST
    return None if fits else Result.OUT_OF_RANGE


RULES: Final[dict[Opcode, Rule]] = {
    Opcode.PROGRAM_BEGIN: Rule(f"`length` is `steps` × {STEP_SIZE}, else `OUT_OF_RANGE`", _program_begin),
    Opcode.PROGRAM_DATA: Rule(
        f"the piece ends at byte {MAX_STEPS * STEP_SIZE} or before, else `OUT_OF_RANGE`", _program_data
    ),
    Opcode.SETTING_GET: Rule("`setting` is in the table of settings, else `UNKNOWN_SETTING`", _setting_get),
    Opcode.SETTING_SET: Rule(
        "`setting` is in the table of settings, else `UNKNOWN_SETTING`; `value` is in its range there,"
        " else `OUT_OF_RANGE`",
        _setting_set,
    ),
    Opcode.TELEMETRY_START: Rule(
        "`rate_hz` is one of the rates in the feature, and `channel_mask` has bits of fast channels only,"
        " else `OUT_OF_RANGE`",
        _telemetry_start,
    ),
}


def admit_request(data: bytes | bytearray) -> Request:
    """Decode a request and hold it against all that does not depend on the roller's state; raises `RequestError`."""
    request = decode_request(data)
    rule = RULES.get(request.opcode)
    result = None if rule is None else rule.failure(request)
    if rule is not None and result is not None:
        raise RequestError(result, f"{request.opcode.name}: {rule.wants}")
    return request
