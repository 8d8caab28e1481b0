"""One write to the control point, from its bytes to the bytes of its answer; every write gets exactly one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware import offline_massage
from glowsim.firmware.control.call import Answer
from glowsim.firmware.control.commands import execute
from glowsim.firmware.flash.chip import PowerLostError
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.protocol.commands.checks import admit_request
from glowtool.protocol.commands.codec import RESPONSE_MARKER, RequestError, Response, ResponseHead, encode_response
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.core import Core
    from glowsim.firmware.reporter import Essence
    from glowtool.protocol.commands.codec import Request


def respond(core: Core, now_us: int, data: bytes, mtu: int, essence: Callable[[], Essence]) -> bytes:
    """Carry out the request in `data` and return the answer; PowerLostError is the only error it raises.

    `essence` returns the state to report once that is done. A handler that fails still gets an answer: the roller goes
    to FAULT, so the command is refused.
    """
    try:
        request = admit_request(data, core.model.offer)
    except RequestError as error:
        return _encoded(core, data, Answer(error.result), essence())
    try:
        answer = _executed(core, now_us, request, mtu)
    except PowerLostError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the host is owed an answer and the person zero outputs
        core.find_defect(request.opcode.name, error)
        answer = Answer(Result.WRONG_STATE)
    return _encoded(core, data, answer, essence())


def _executed(core: Core, now_us: int, request: Request, mtu: int) -> Answer:
    if not core.authenticated:
        return Answer(Result.NOT_FROM_THIS_HOST)
    if core.bond_gone and not request.opcode.command.stops:
        return Answer(Result.NOT_FROM_THIS_HOST)
    answer = execute(core, now_us, request, mtu)
    if core.offline is not None and core.run is None:
        # At once: a start may follow before the next tick, and that massage is the host's, under its watchdog.
        core.offline.end = MassageEnd.HOST
        offline_massage.settle(core)
    if answer.result is Result.SUCCESS and core.owner in {None, core.host}:
        core.heard_us = now_us
    return answer


def _encoded(core: Core, data: bytes, answer: Answer, essence: Essence) -> bytes:
    head = ResponseHead(
        RESPONSE_MARKER,
        data[0] if data else 0,
        data[1] if len(data) > 1 else 0,
        answer.result,
        core.state,
        essence.what[1],
        Interlock(essence.what[3]),
        *essence.outputs,
    )
    return encode_response(Response(head, answer.payload, answer.tail))
