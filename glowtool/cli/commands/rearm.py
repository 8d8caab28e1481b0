"""`glowtool rearm`: leave an emergency stop, which outlives the power."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.cli.terminal.output import Output
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.vocabulary import Result
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.store.rollers.registry import KnownRoller

#: The time of grace is waited for, with some time to spare for the radio.
_PATIENCE_S: Final = REARM_GRACE_MS / MILLISECONDS_PER_SECOND + 1.0
_AGAIN_S: Final = 0.25


@click.command(short_help="Leave an emergency stop, once it is safe.")
@click.argument("device", required=False)
@pass_options
def rearm(options: Options, device: str | None) -> None:
    """Leave the emergency stop of a roller, once it is safe; DEVICE may be left out where one is known.

    An emergency stop holds until then, also when the roller is switched off and on. Nothing starts by this: outputs
    stay zero, and no program is held. The time of grace, two seconds from the stop or from switching on, is waited
    for.

    With --json: {address, name, was_latched, state}.
    """
    from glowtool.app.finding import known_roller

    output = Output(options)
    known = known_roller(options.root, device)
    was_latched, state = run_async(options, _rearm(options, known))
    if output.json:
        output.document({"address": known.address, "name": known.name, "was_latched": was_latched, "state": state})
    elif was_latched:
        output.result(f"{known.name} is re-armed; its outputs are zero.")
    else:
        output.result(f"{known.name} has no emergency stop to leave; its outputs are zero.")


async def _rearm(options: Options, known: KnownRoller) -> tuple[bool, str]:
    from glowtool.app.finding import find_known
    from glowtool.app.hold.holding import holding, open_roller

    async with holding(options, known.address, "rearm") as held, adapter_for(options) as adapter:
        device = await find_known(adapter, known)
        async with open_roller(adapter, device, held, tell=Output(options).attempt) as roller:
            if not roller.latched:
                return False, roller.status.state.name.lower()
            return True, await _leave(roller)


async def _leave(roller: Roller) -> str:
    """Re-arm as soon as the time of grace is over, and return the state after it; raises `CommandRefusedError`."""
    from glowtool.drivers.gr1.refusals import RefusedError

    clock = asyncio.get_running_loop().time
    give_up_s = clock() + _PATIENCE_S
    while True:
        try:
            return (await roller.rearm()).state.name.lower()
        except RefusedError as error:
            if error.head.result is not Result.GRACE or clock() >= give_up_s:
                raise
        await asyncio.sleep(_AGAIN_S)
