"""A massage by the button, without a host: its start, its record at every step, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.firmware.program.executor import Executor
from glowsim.firmware.program.offline_record import OfflineMassage
from glowsim.firmware.start_rules import start_refusal
from glowtool.model.ending import MassageEnd
from glowtool.model.state import State
from glowtool.protocol.commands.states import Event

if TYPE_CHECKING:
    from glowsim.firmware.core import Core

#: A press this long opens the pairing window and starts nothing.
SHORT_PRESS_S: Final = 2.0

_NUMBERS: Final = 0x1_0000


def press(core: Core, now_us: int, held_s: float) -> None:
    """Take a press of the button: it stops a running massage; otherwise a short press starts the stored program."""
    if core.state in {State.RUNNING, State.PAUSED}:
        if core.offline is not None:
            core.offline.end = MassageEnd.BUTTON
        core.happen(Event.BUTTON)
        settle(core)
    elif held_s < SHORT_PRESS_S:
        _start(core, now_us)


def pass_time(core: Core, dt_us: int) -> None:
    """Tally `dt_us` of a massage by the button; at the first moment of each step, keep its record so far."""
    massage, run = core.offline, core.run
    if massage is None or run is None or not core.running:
        return
    if massage.pass_time(dt_us, run.index, core.readings, core.drive):
        _keep(core, massage, MassageEnd.POWER_LOST)


def settle(core: Core) -> None:
    """Keep the complete record of a massage by the button when its run is over."""
    massage = core.offline
    if massage is not None and core.run is None:
        core.offline = None
        _keep(core, massage, massage.end)
        core.save()


def _start(core: Core, now_us: int) -> None:
    if core.state not in {State.IDLE, State.READY}:
        return
    if core.authenticated and core.state is State.READY and core.program_of == core.host:
        # The connected host has loaded a program of its own and is about to start it.
        return
    program = core.memory.stored_program()
    if program is None or start_refusal(core, program) is not None:
        return
    core.upload = None
    core.program, core.program_of = program, None
    core.happen(Event.BUTTON_START)
    core.run = Executor(program)
    counters = core.retained.counters
    counters.offline_massages += 1
    kept = core.memory.records.keys(Kind.MASSAGE)
    number = max(counters.offline_massages, max(kept, default=0) + 1) % _NUMBERS
    while number in kept:
        number = (number + 1) % _NUMBERS
    electrodes = core.model.electrodes
    core.offline = OfflineMassage(number, program, core.clock.unix_ms(now_us), electrodes=electrodes)
    _keep(core, core.offline, MassageEnd.POWER_LOST)


def _keep(core: Core, massage: OfflineMassage, end: MassageEnd) -> None:
    if not massage.kept:
        return
    try:
        core.memory.records.put(Kind.MASSAGE, massage.number, massage.encoded(end))
    except (FlashFullError, FlashBrokenError):
        # The part in the flash stays; a counter says that it is incomplete, and a host is told.
        massage.kept = False
        core.retained.counters.records_lost += 1
