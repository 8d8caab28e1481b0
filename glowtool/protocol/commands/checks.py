"""The checks of a request that every reader makes: fields compared with each other and with fixed tables.

The codec checks the range of a single field, which is part of its declaration. Checks that depend on the roller's state
come later; `CHECKS` is the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.protocol.commands.codec import RequestError, decode_request
from glowtool.protocol.commands.rules import GR1_OFFER, Offer
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowtool.protocol.commands.codec import Request


@dataclass(frozen=True, slots=True)
class Check:
    """One of the checks of a request: its object, and the results with which a request can fail it."""

    name: str
    meaning: str
    results: tuple[Result, ...]


#: Every request passes these in this order; the first failed one is the answer.
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


def admit_request(data: bytes | bytearray, offer: Offer = GR1_OFFER) -> Request:
    """Decode a request and make all checks that do not depend on the roller's state; raises `RequestError`.

    `offer` is the telemetry that the roller itself offers.
    """
    request = decode_request(data)
    rule = request.opcode.command.rule
    result = None if rule is None else rule.failure(request.operands, request.tail, offer)
    if rule is not None and result is not None:
        raise RequestError(result, f"{request.opcode.name}: {rule.wants}")
    return request
