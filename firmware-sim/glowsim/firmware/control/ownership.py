"""The owner of the massage: the protocol's rule, applied to the host that gives a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware import offline_massage
from glowtool.model.ending import MassageEnd
from glowtool.protocol.commands.command import Giver
from glowtool.protocol.commands.states import Event
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowsim.firmware.core import Core
    from glowtool.protocol.commands.opcode import Opcode


def refusal(core: Core, opcode: Opcode) -> Result | None:
    """Return why the present host may not give a command; None when it may."""
    whose: str | None = None
    if opcode.command.giver is Giver.MASSAGE:
        whose = core.owner
    elif opcode.command.giver is Giver.PROGRAM:
        whose = core.program_of
    return None if whose in {None, core.host} else Result.NOT_FROM_THIS_HOST


def heed(core: Core, opcode: Opcode) -> None:
    """Note that a host's command was carried out: a host that steers an unowned massage takes it over."""
    if core.run is not None and core.owner is None and opcode.command.takes_over:
        core.owner = core.host


def forget(core: Core, host: str) -> None:
    """End what belongs to a host whose bond has gone: its massage, its program, and its rights on a present link."""
    if core.authenticated and host == core.host:
        core.bond_gone = True
    if host not in {core.owner, core.program_of}:
        return
    if core.offline is not None:
        core.offline.end = MassageEnd.HOST
    core.happen(Event.HOST_FORGOTTEN)
    offline_massage.settle(core)
