"""Event loops with their own clocks: one that jumps to the next timer, and one that runs faster or slower.

Code that takes the time from its loop, and waits only with asyncio, runs on either without a change.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from glowtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from concurrent.futures import Executor

    from _typeshed import FileDescriptorLike

P = ParamSpec("P")
T = TypeVar("T")

#: Virtual time begins at 1000 s by the loop's clock, and on 2026-01-01 by the calendar.
START_NS: Final = 1_000 * 10**9
START_UNIX_US: Final = 1_767_225_600 * 10**6

#: The loop's own sockets, which carry only signals, are checked once in this many turns.
_GLANCE_EVERY: Final = 64

#: After this many turns without a step in time, some task waits without letting time pass.
STANDSTILL_TURNS: Final = 1_000_000

#: Objects between two collections of circular garbage, and collections per collection of older objects. Reference
#: counts free nearly everything; frequent collections took a seventh of the time.
_COLLECT_AFTER: Final = (50_000, 20, 100)

_NS: Final = 10**9
_NAMED_TASKS: Final = 5


class StandstillError(RuntimeError):
    """Virtual time cannot go on: nothing is due, or something is due repeatedly at the same moment."""


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that advances the clock by the timeout instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        # Whole nanoseconds: a sum of floats stands still when its steps are too small to change it.
        self.now_ns = START_NS
        self.turns = 0
        self._turns_here = 0
        #: Whether only the loop itself listens to a socket.
        self.alone = True

    def register(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        """Listen to a socket."""
        key = super().register(fileobj, events, data)
        self.alone = len(self.get_map()) <= 1
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        """Listen to a socket no longer."""
        key = super().unregister(fileobj)
        self.alone = len(self.get_map()) <= 1
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return the events of the sockets; if there are none, let `timeout` pass."""
        self.turns += 1
        if timeout is None or not self.alone or self.turns % _GLANCE_EVERY == 0:
            events = super().select(0)
            if events:
                return events
        if timeout is None:
            raise StandstillError("virtual time cannot go on: nothing is due, and nothing can happen")
        if timeout > 0:
            self.jump(self.now_ns + max(1, round(timeout * _NS)))
        else:
            self._turns_here += 1
            if self._turns_here > STANDSTILL_TURNS:
                self._turns_here = 0
                raise StandstillError(
                    f"virtual time stands still at {self.now_ns / _NS:.6f} s after {STANDSTILL_TURNS} turns of the "
                    "loop; something waits in a loop of sleep(0) for what only time brings"
                )
        return []

    def jump(self, to_ns: int) -> None:
        """Go to a later moment."""
        self.now_ns = to_ns
        self._turns_here = 0


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop on which waiting takes no real time, and the same program always takes the same turns.

    Work for threads (`asyncio.to_thread`, `run_in_executor`) is done at once, in place. Sockets between tasks of this
    loop work; waiting for another process does not, because no time passes for it. When nothing is due any more,
    StandstillError names the waiting tasks.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._jumping.now_ns / _NS

    def unix_us(self) -> int:
        """Return the loop's calendar time, in µs since 1970; it begins with the year 2026."""
        return START_UNIX_US + (self._jumping.now_ns - START_NS) // 1000

    def jump_to(self, moment_s: float) -> bool:
        """Go to `moment_s` at once if nothing would happen before; return whether it did.

        This has the effect of waiting until then, without the turns of the loop that waiting costs.
        """
        # The loop's own queues: there is no public way to ask for the next event.
        jumping = self._jumping
        if self._ready or not jumping.alone:  # type: ignore[attr-defined]  # BaseEventLoop's
            return False
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]  # BaseEventLoop's
        if scheduled and scheduled[0].when() <= moment_s:
            return False
        to_ns = round(moment_s * _NS)
        if to_ns <= jumping.now_ns:
            return False
        jumping.jump(to_ns)
        return True

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: object) -> asyncio.Future[T]:
        """Do the work at once; a thread would take real time, and run in an order of its own."""
        del executor
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the task that awaits the work
            done.set_exception(error)
        return done

    def run_forever(self) -> None:
        """Run until stopped; StandstillError names the waiting tasks when nothing is due any more."""
        try:
            with _seldom_collecting():
                super().run_forever()
        except StandstillError as error:
            waiting = sorted(task.get_name() + " in " + _place(task) for task in asyncio.all_tasks(self))
            if waiting:
                error.add_note("waiting: " + "; ".join(waiting[:_NAMED_TASKS]))
            raise


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Let Python collect circular garbage less often within the block, unless collection is off."""
    usual = gc.get_threshold()
    if usual[0]:
        gc.set_threshold(*_COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _place(task: asyncio.Task[object]) -> str:
    stack = task.get_stack(limit=1)
    return f"{stack[0].f_code.co_qualname}, line {stack[0].f_lineno}" if stack else "an unknown place"


class _ScalingSelector(selectors.DefaultSelector):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._speed)


class ScaledTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock runs `speed` times as fast as the wall clock; sockets, threads and signals work as usual."""

    def __init__(self, speed: float) -> None:
        """Begin now. `speed` is positive and finite; `runner` checks that."""
        super().__init__(_ScalingSelector(speed))
        self.speed = speed
        self._began_s = time.monotonic()
        self._began_unix_us = time.time_ns() // 1000
        self._clock_resolution = time.get_clock_info("monotonic").resolution * speed

    def time(self) -> float:
        """Return the scaled time in seconds."""
        return self._began_s + (time.monotonic() - self._began_s) * self.speed

    def unix_us(self) -> int:
        """Return the loop's calendar time, in µs since 1970; it began with the loop, and runs at its speed."""
        return self._began_unix_us + round((time.monotonic() - self._began_s) * self.speed * 1e6)


def runner(speed: float = 1.0) -> asyncio.Runner:
    """Return a runner whose loop runs `speed` times as fast as the wall clock.

    UsageError unless `speed` is a positive, finite number. At 1 it is asyncio's own loop.
    """
    if speed == 1.0:
        return asyncio.Runner()
    if not 0 < speed < float("inf"):
        raise UsageError(f"a speed of {speed:g} is not possible; allowed: any number greater than 0")
    return asyncio.Runner(loop_factory=functools.partial(ScaledTimeLoop, speed))


def virtual_runner() -> asyncio.Runner:
    """Return a runner whose loop jumps from timer to timer."""
    return asyncio.Runner(loop_factory=VirtualTimeLoop)


def in_virtual_time(test: Callable[P, Coroutine[object, object, T]]) -> Callable[P, T]:
    """Turn an asynchronous function into a plain one that runs on a loop with a virtual clock."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with virtual_runner() as virtual:
            return virtual.run(test(*args, **kwargs))

    return run


def unix_us() -> int:
    """Return the running loop's calendar time, in µs since 1970; a loop without its own has the machine's."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualTimeLoop | ScaledTimeLoop):
        return loop.unix_us()
    return time.time_ns() // 1000


def jumper() -> Callable[[float], bool]:
    """Return the running loop's `jump_to`; on a loop without virtual time, a function that never jumps."""
    loop = asyncio.get_running_loop()
    return loop.jump_to if isinstance(loop, VirtualTimeLoop) else lambda _moment_s: False
