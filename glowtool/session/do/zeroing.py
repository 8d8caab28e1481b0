"""The zero of the pressure cells: checked in the air before a massage, and set again if it is off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import CommandRefusedError
from glowtool.model.event import Topic
from glowtool.model.state import AT_REST
from glowtool.session.decide.questions import ZeroQuestion
from glowtool.session.news import Asked, Replied
from glowtool.stream.live.zero import Zero, ZeroSettings, ZeroWatch
from glowtool.stream.pipeline import Pipeline, PipelineSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from glowtool.device.driver import Driver
    from glowtool.model.event import JsonObject
    from glowtool.session.news import Publish

#: The roller accepts a tare after a second of still air; a little more, for the delays of the radio.
STILL_S: Final = 1.2

#: How long a person gets to hold the roller in the air.
PATIENCE_S: Final = 15.0

#: Before a massage, glowtool does not wait for the air. After 0.6 s it knows that a roller is on the skin already, or
#: in a moving hand; this limit is for a roller that sends nothing.
GLANCE_S: Final = 0.8

#: How long the question before a massage waits for its answer.
ANSWER_PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Tare:
    """The readings of the cells in the air before and after a tare; None when the heads were not in the air."""

    before: Zero | None
    after: Zero | None


class ZeroCheck:
    """The check of the zero before a massage: asks whether to tare if it is off, and notes the result.

    `ask` is None where nobody can be asked; `publish` hears of the question and its answer, `remark` goes into the log.
    """

    def __init__(
        self,
        ask: Callable[[ZeroQuestion], Awaitable[bool]] | None,
        publish: Publish,
        remark: Callable[[JsonObject], None],
    ) -> None:
        self._ask = ask
        self._publish = publish
        self._remark = remark

    async def settle(self, roller: Driver, zero: Zero | None) -> None:
        """Handle a zero before a massage; None: the heads were not in the air."""
        if zero is None or not zero.off:
            return
        tared, why_not = False, ""
        if await self._wanted(ZeroQuestion(zero)):
            try:
                await asyncio.sleep(STILL_S)
                await roller.tare()
                tared = True
            except CommandRefusedError as error:
                why_not = str(error)
        self._remark(zero_note(zero, why_not, tared=tared))

    async def _wanted(self, question: ZeroQuestion) -> bool:
        if self._ask is None:
            return False
        self._publish(Asked(question))
        wanted = False
        try:
            async with asyncio.timeout(ANSWER_PATIENCE_S):
                wanted = await self._ask(question)
        except TimeoutError:
            pass
        finally:
            self._publish(Replied(wanted))
        return wanted


def zero_words(zero: Zero) -> str:
    """Return a description of a shifted zero for a person."""
    return f"the {zero.worst} pressure cell reads {zero.worst_kpa:.2f} kPa with nothing on it"


def zero_note(zero: Zero, why_not: str = "", *, tared: bool = False) -> JsonObject:
    """Return the note on cells that do not read zero in the air, for a log."""
    return {Topic.ZERO.value: dict(zero.cells_kpa), "tared": tared, "remark": _remark(zero, why_not, tared=tared)}


def _remark(zero: Zero, why_not: str, *, tared: bool) -> str:
    if tared:
        return f"{zero_words(zero)}; the roller took that as its zero"
    if why_not:
        return f"{zero_words(zero)}, but the roller did not take that as its zero: {why_not}"
    return f"{zero_words(zero)}, so pressures are that much too high; `glowtool tare` corrects that"


async def take_tare(roller: Driver, waiting: Callable[[], None], patience_s: float = PATIENCE_S) -> Tare:
    """Wait until the roller is held in the air, make it set its zero, and read again.

    `waiting` is called once when it is not in the air at first. Raises `RefusedError`: the roller judges whether
    it is in the air, and changes nothing when it is not.
    """
    if roller.status.state not in AT_REST:
        await roller.tare()  # refused; the roller says why
    before = await read_zero(roller, patience_s, waiting)
    if before is None:  # nothing measured the air; the roller, which may just be on, still needs that long to detect it
        await asyncio.sleep(STILL_S)
    await roller.tare()
    return Tare(before, await read_zero(roller, patience_s, waiting))


async def read_zero(roller: Driver, patience_s: float, waiting: Callable[[], None]) -> Zero | None:
    """Return the zero of the cells in the air; None without still air for `STILL_S` in `patience_s`, or if unknown."""
    readings = roller.readings()
    watch = ZeroWatch(readings.channels, readings.rate_hz, ZeroSettings(window_s=STILL_S))
    if not watch.can_tell:
        return None
    # Designing the pipeline's filter loads scipy, which must not hold up the event loop.
    pipeline = await asyncio.to_thread(Pipeline, PipelineSettings(readings.channels, readings.rate_hz))
    await readings.start()
    tell_after, taken = round(2 * STILL_S * readings.rate_hz), 0
    try:
        async with asyncio.timeout(patience_s):
            async for arrivals in readings.arrivals():
                for samples in (pipeline.take(arrival).samples for arrival in arrivals):
                    if watch.take(samples) is not None:
                        return watch.zero
                    before, taken = taken, taken + len(samples.get("sample", ()))
                    if before <= tell_after < taken:
                        waiting()
    except TimeoutError:
        pass
    finally:
        await readings.stop()
    return watch.zero
