"""The conversation on the control point: one command at a time, and a stop that waits for nothing."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.device.refusals import RefusedError
from glowtool.device.tasks import TaskKeeper
from glowtool.drivers.gr1.commands.answers import heard_in
from glowtool.drivers.gr1.commands.refusals import refused, require_known
from glowtool.errors import CommandRefusedError, ConnectionLostError, DecodeError, GlowtoolError, InputError, LinkError
from glowtool.protocol.commands.codec import (
    RESPONSE_MARKER,
    Request,
    Response,
    decode_request,
    decode_response,
    encode_request,
)
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import NoOperands, Trim
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from glowtool.drivers.gr1.commands.wire_gate import WireGate
    from glowtool.model.answer import Heard
    from glowtool.protocol.status import Feature
    from glowtool.protocol.wire import Message

    Write = Callable[[bytes], Awaitable[None]]

_LOG = logging.getLogger(__name__)

#: A command without an answer for this long is given up.
ANSWER_TIMEOUT_S: Final = 1.5

#: A stop without an answer for this long is written once more.
STOP_RETRY_S: Final = 0.3


def _unheard(_heard: Heard) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Writes:
    """How bytes are written to the roller: to its control point, and to its stop point if it has one."""

    to_control_point: Write
    to_stop_point: Write | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    request: Request
    step: int | None
    answer: asyncio.Future[Response]


class ControlPoint:
    """Commands and their answers over one connection.

    `writes` are the ways to the roller, which raise errors of `glowtool.errors`; `step_now` says which step is in
    progress, None if that is not known; `on_indication` is to be called with every indication. `feature` says which
    commands the roller knows. `hear` is told of every answer that decodes, also of one that nobody waits for.
    """

    def __init__(
        self,
        writes: Writes,
        feature: Feature,
        gate: WireGate,
        step_now: Callable[[], int | None],
        hear: Callable[[Heard], None] = _unheard,
    ) -> None:
        self._writes = writes
        self._feature = feature
        self._gate = gate
        self._step_now = step_now
        self._hear = hear
        #: The command written last under each number.
        self._written: dict[int, Opcode] = {}
        self._tasks = TaskKeeper()
        self._turn = asyncio.Lock()
        self._sequence = 0
        self._stops = 0
        self._waiting: dict[int, _Sent] = {}
        self._lost: tuple[str, str] | None = None
        self._newest_trim = Trim(100, 100)
        self._trimming: asyncio.Task[Response] | None = None

    async def command(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> Response:
        """Send one command when its turn comes and return the answer of success.

        Raises `RefusedError` with the roller's reason, `CommandLackingError` when the roller does not know it yet,
        `SafetyError` from the gate, `InputError` for an operand out of range, `ConnectionLostError`, and `LinkError`
        when nothing is answered within 1.5 s.
        """
        stops = self._stops
        async with self._turn:
            self._check_not_overtaken(opcode, stops)
            await self._gate.prepare(opcode)
            self._check_not_overtaken(opcode, stops)
            return await self._exchange(opcode, operands or NoOperands(), tail)

    async def trim(self, wanted: Trim) -> Response:
        """Send a trim; one that still waits for its turn is replaced, and its caller gets the newest one's answer."""
        self._newest_trim = wanted
        if self._trimming is None:
            self._trimming = self._tasks.start(self._send_newest_trim(self._stops))
        return await asyncio.shield(self._trimming)

    def post_stop(self, opcode: Opcode = Opcode.STOP) -> asyncio.Task[Response]:
        """Write a stop at once, ahead of every waiting command; may be called from a signal handler.

        Await the task for the answer, of success or not. A stop does not pass the gate: stopping is always safe.
        """
        self._stops += 1
        first = self._post_stop(opcode)
        return self._tasks.start(self._answer_to_stop(opcode, first))

    def on_indication(self, data: bytes | bytearray) -> None:
        """Pass an answer to the command that waits for it."""
        try:
            response = decode_response(data)
        except DecodeError as error:
            _LOG.warning("an answer of the roller does not decode: %s", error)
            self._fail(bytes(data), error)
            return
        self._hear(heard_in(response.head, self._written.get(response.head.sequence)))
        sent = self._waiting.get(response.head.sequence)
        if sent is None or sent.request.opcode != response.head.opcode or sent.answer.done():
            _LOG.debug("nobody waits for the answer %s", response.head)
            return
        sent.answer.set_result(response)

    def _fail(self, data: bytes, error: DecodeError) -> None:
        """Raise a decoding error at the command that waits for the answer, if the answer's first bytes name it."""
        sent = self._waiting.get(data[2]) if len(data) > 2 and data[0] == RESPONSE_MARKER else None
        if sent is not None and sent.request.opcode == data[1] and not sent.answer.done():
            sent.answer.set_exception(error)

    def lose(self, says: str, advice: str = "") -> None:
        """Fail every command that waits, and every later one, with `ConnectionLostError`."""
        self._lost = (says, advice)
        for sent in self._waiting.values():
            if not sent.answer.done():
                sent.answer.set_exception(_lost_error(says, advice))

    async def aclose(self) -> None:
        """End everything that is under way."""
        self.lose("the connection was closed")
        await self._tasks.aclose()

    def _check_not_overtaken(self, opcode: Opcode, stops_before: int) -> None:
        if opcode.command.overtaken and stops_before != self._stops:
            raise CommandRefusedError(f"“{opcode.spoken}” was not sent: a stop overtook it")

    async def _send_newest_trim(self, stops: int) -> Response:
        try:
            async with self._turn:
                self._trimming = None
                self._check_not_overtaken(Opcode.TRIM, stops)
                return await self._exchange(Opcode.TRIM, self._newest_trim)
        finally:
            if self._trimming is asyncio.current_task():
                self._trimming = None

    async def _exchange(self, opcode: Opcode, operands: Message, tail: bytes = b"") -> Response:
        if self._lost is not None:
            raise _lost_error(*self._lost)
        require_known(opcode, self._feature)
        sent = self._post(opcode, operands, tail)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                response = await sent.answer
            if response.head.result is not Result.SUCCESS:
                raise refused(opcode, response.head)
        except TimeoutError as error:
            self._gate.failed(sent.request, step=sent.step)
            raise _unanswered(opcode) from error
        except asyncio.CancelledError:
            self._gate.failed(sent.request, step=sent.step)  # it was sent, and nobody hears what became of it
            raise
        except GlowtoolError as error:
            self._gate.failed(sent.request, step=sent.step, answered=isinstance(error, RefusedError))
            raise
        return response

    def _post(self, opcode: Opcode, operands: Message, tail: bytes = b"", ahead: Write | None = None) -> _Sent:
        self._sequence = (self._sequence + 1) % 256
        request = Request(opcode, self._sequence, operands, tail)
        try:
            data = encode_request(request)
        except ValueError as error:
            raise InputError(f"“{opcode.spoken}”: {error}") from error
        step = self._step_now()
        if not opcode.command.stops:
            self._gate.check(decode_request(data), step=step)  # the bytes that leave, not what was meant
        sent = _Sent(request, step, asyncio.get_running_loop().create_future())
        if self._lost is not None:
            sent.answer.set_exception(_lost_error(*self._lost))
            return sent
        self._waiting[request.sequence] = sent
        self._written[request.sequence] = opcode
        sent.answer.add_done_callback(lambda _: self._forget(sent))
        if ahead is not None:
            self._tasks.start(_overtake(ahead, data))
        self._tasks.start(self._write_for(data, sent.answer))
        return sent

    def _forget(self, sent: _Sent) -> None:
        if self._waiting.get(sent.request.sequence) is sent:
            del self._waiting[sent.request.sequence]

    async def _write_for(self, data: bytes, answer: asyncio.Future[Response]) -> None:
        try:
            await self._writes.to_control_point(data)
        except GlowtoolError as error:
            if not answer.done():
                answer.set_exception(error)

    def _post_stop(self, opcode: Opcode) -> asyncio.Future[Response]:
        return self._post(opcode, NoOperands(), ahead=self._writes.to_stop_point).answer

    async def _answer_to_stop(self, opcode: Opcode, first: asyncio.Future[Response]) -> Response:
        done, _ = await asyncio.wait({first}, timeout=STOP_RETRY_S)
        if done and first.exception() is None:
            return first.result()
        pending = {self._post_stop(opcode)} | ({first} if not done else set())
        failure: BaseException = _unanswered(opcode)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S - STOP_RETRY_S):
                while pending:
                    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    for answer in done:
                        if (error := answer.exception()) is None:
                            return answer.result()
                        failure = error
        except TimeoutError:
            pass  # `failure` says that nothing was answered
        finally:
            for answer in pending:
                answer.cancel()
        raise failure


async def _overtake(write_stop: Write, data: bytes) -> None:
    """Write a stop without waiting for the answer to the request that is under way; the roller confirms none of this.

    A write command may be lost, so the same stop is written as a request too. To stop twice is to stop.
    """
    try:
        await write_stop(data)
    except GlowtoolError as error:
        _LOG.info("the stop goes by request alone: %s", error)


def _lost_error(says: str, advice: str) -> ConnectionLostError:
    return ConnectionLostError(says, advice=advice)


def _unanswered(opcode: Opcode) -> LinkError:
    return LinkError(
        f"the roller did not answer “{opcode.spoken}” within {ANSWER_TIMEOUT_S:g} s",
        advice="bring it near and try again",
    )
