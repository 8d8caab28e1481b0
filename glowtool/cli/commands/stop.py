"""`glowtool stop`: outputs zero, through the glowtool that uses the roller, or by connecting to it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.cli.terminal.outlet import never_wait
from glowtool.cli.terminal.output import Output
from glowtool.errors import ConnectFailedError, DeviceNotFoundError, GlowtoolError, InUseError, LinkError
from glowtool.protocol.vocabulary import State
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.app.hold.control import Stopped
    from glowtool.store.rollers.in_use import Holder

_LOG = logging.getLogger(__name__)

#: A command that is asked to stop gets this long to say that the outputs are zero: a roller has two seconds for it.
ANSWER_S: Final = 4.0

#: Then, or after a signal, its process gets this long to end.
END_S: Final = 3.0

_LOOK_S: Final = 0.05

_BY_HAND: Final = "if it moves, stop it with its button"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a roller was stopped: through which command and process, and how soon its outputs were confirmed zero."""

    address: str
    name: str
    by: str
    pid: int
    stop_ms: float

    def document(self) -> dict[str, object]:
        """Return its JSON object; what is not confirmed is an error, and no outcome."""
        return {**asdict(self), "confirmed": True}


@click.command(short_help="Stop a roller, from any terminal.")
@click.argument("device", required=False)
@pass_options
def stop(options: Options, device: str | None) -> None:
    """Stop a roller: outputs zero, confirmed by the roller itself.

    A glowtool that uses it is stopped as by Ctrl-C; when none does, stop connects and stops the roller. Without
    DEVICE, every roller in use is stopped, else the default or only one. With --json: {rollers: [{address, name, by,
    pid, confirmed, stop_ms}]}; by is the command that was stopped, or "stop" itself.
    """
    never_wait(as_json=options.json)
    output = Output(options)
    outcomes = run_async(options, _stop_all(options, output, _wanted(options, device)))
    if output.json:
        output.document({"rollers": [outcome.document() for outcome in outcomes]})


@dataclass(frozen=True, slots=True)
class _Target:
    """A roller to be stopped."""

    address: str
    name: str


def _wanted(options: Options, device: str | None) -> list[_Target]:
    """Return what is to be stopped; the registry is opened, and loaded, only where nobody holds what is meant."""
    from glowtool.store.rollers.in_use import holders

    in_use = [] if device is not None else holders(options.root)
    if in_use:
        return [_Target(holder.address, holder.roller or holder.address) for holder in in_use]
    from glowtool.store.rollers.registry import DeviceRegistry

    known = DeviceRegistry(options.root).find(device)
    return [_Target(known.address, known.spoken)]


async def _stop_all(options: Options, output: Output, wanted: list[_Target]) -> list[Outcome]:
    """Stop each, none waiting for another one's patience nor failing by another one's failure; then say the first."""
    failures: list[GlowtoolError] = []
    outcomes: list[Outcome] = []

    async def stop_one(target: _Target) -> None:
        try:
            outcomes.append(await _stop_one(options, output, target))
        except GlowtoolError as error:
            failures.append(error)
            if len(wanted) > 1:
                output.problem(f"{target.name}: {error}")

    async with asyncio.TaskGroup() as group:
        for target in wanted:
            group.create_task(stop_one(target))
    if failures:
        raise failures[0]
    return outcomes


async def _stop_one(options: Options, output: Output, target: _Target) -> Outcome:
    """Stop one roller; where another terminal was quicker to hold it, through that one."""
    from glowtool.store.rollers.in_use import holder_of

    if holder_of(options.root, target.address) is None:
        try:
            return await _stop_directly(options, output, target)
        except InUseError as error:
            _LOG.info("%s", error)
    return await _stop_held(options, output, target)


async def _stop_held(options: Options, output: Output, target: _Target) -> Outcome:
    """Stop a roller through whoever holds it, and else, or if that confirms nothing, by connecting to it."""
    from glowtool.store.rollers.in_use import holder_of

    holder = holder_of(options.root, target.address)
    if holder is None:
        return await _stop_directly(options, output, target)
    answer = await _stop_through(options, target, holder)
    if answer is None or not answer.confirmed:
        output.note(f"{_spoken(holder)} ended without the roller's word that its outputs are zero.")
        return await _stop_directly(options, output, target)
    outcome = Outcome(target.address, target.name, holder.command, holder.pid, answer.stop_ms or 0.0)
    output.result(
        f"Stopped {_spoken(holder)}: the outputs of {target.name} were confirmed zero after {outcome.stop_ms:.0f} ms."
    )
    return outcome


async def _stop_through(options: Options, target: _Target, holder: Holder) -> Stopped | None:
    """Ask the holder to stop; one that does not listen gets the signal that means the same. None: it just ended."""
    from glowtool.app.hold.control import ask_to_stop

    asked = holder.control is not None
    answer = None
    try:
        if holder.control is not None:
            answer = await ask_to_stop(holder.control, ANSWER_S, pid=holder.pid)
    except ConnectFailedError as error:
        _LOG.info("%s: %s", _spoken(holder), error)
        asked = False
    except LinkError as error:
        _LOG.info("%s: %s", _spoken(holder), error)
    if answer is not None and answer.confirmed:
        return answer
    # One that was asked gets no signal as well: together they would mean to leave at once, with the log unfinished.
    if (asked or _signalled(options, holder)) and await _ended(options, target, holder, END_S):
        return answer
    raise InUseError(
        f"{_spoken(holder)} uses {target.name} and does not answer. A glowtool that hangs keeps no roller going: "
        f"without its heartbeats the outputs are zero within a second; {_BY_HAND}, and {_how_to_end(options, holder)}"
    )


def _how_to_end(options: Options, holder: Holder) -> str:
    """Return how to end who holds the roller; a process is named only if it does, since a note may be forged."""
    from glowtool.kit.process import is_holder
    from glowtool.store.rollers.in_use import lock_path

    lock = lock_path(options.root, holder.address)
    if is_holder(holder.pid, lock, holder.started):
        return f"end the process (`kill -9 {holder.pid}`)"
    return (
        f"end the process that has {lock} open, if it is a glowtool: it may be another one (`fuser '{lock}'` shows it)"
    )


def _signalled(options: Options, holder: Holder) -> bool:
    """Send the signal that means what Ctrl-C does; False when nothing proves that the process holds the roller."""
    from glowtool.kit.process import Signalled, signal_holder
    from glowtool.store.rollers.in_use import lock_path

    lock = lock_path(options.root, holder.address)
    return signal_holder(holder.pid, lock, holder.started, signal.SIGTERM) is not Signalled.NOT_PROVEN


async def _ended(options: Options, target: _Target, holder: Holder, patience_s: float) -> bool:
    """Wait until the process no longer holds the roller."""
    from glowtool.store.rollers.in_use import holder_of

    clock = asyncio.get_running_loop().time
    until_s = clock() + patience_s
    while holder_of(options.root, target.address) == holder:
        if clock() >= until_s:
            return False
        await asyncio.sleep(_LOOK_S)
    return True


async def _stop_directly(options: Options, output: Output, target: _Target) -> Outcome:
    from glowtool.app.finding import find_known
    from glowtool.app.hold.holding import holding, open_roller
    from glowtool.store.rollers.registry import DeviceRegistry

    clock = asyncio.get_running_loop().time
    began_s = clock()
    try:
        async with holding(options, target.address, "stop", stoppable=False) as held, adapter_for(options) as adapter:
            output.note(f"No glowtool uses {target.name}; looking for it on {adapter.name} …")
            device = await find_known(adapter, DeviceRegistry(options.root).find(target.address))
            async with open_roller(adapter, device, held, tell=output.attempt) as roller:
                head = await roller.stop()
                stop_ms = (clock() - began_s) * MILLISECONDS_PER_SECOND
                held.zero(stop_ms, confirmed=head.outputs.zero)
    except (DeviceNotFoundError, ConnectFailedError) as error:
        raise type(error)(f"{error}; {_BY_HAND}") from error
    if not head.outputs.zero:
        raise LinkError(f"{target.name} answered the stop and says that its outputs are not zero; {_BY_HAND}")
    output.result(f"Connected to {target.name}: its outputs were confirmed zero after {stop_ms / 1000:.1f} s.")
    if roller.found.state is State.RUNNING:
        output.note("Before, it was running a massage.")
    if head.state is State.LATCHED:
        output.note("Its emergency stop is latched; `glowtool rearm` leaves it, once it is safe.")
    return Outcome(target.address, target.name, "stop", os.getpid(), stop_ms)


def _spoken(holder: Holder) -> str:
    return holder.spoken(datetime.now(UTC))
