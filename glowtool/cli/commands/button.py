"""`glowtool button`: what the roller's button starts without a host: store, show, clear."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.cli.terminal.output import Output
from glowtool.cli.terminal.questions import confirm
from glowtool.errors import LinkError
from glowtool.protocol.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.drivers.gr1.roller import Roller
    from glowtool.protocol.program import StepRecord
    from glowtool.routine import Routine
    from glowtool.store.rollers.programs import KeptProgram
    from glowtool.store.rollers.registry import KnownRoller


@click.group(cls=SuggestingGroup)
def button() -> None:
    """Store what the roller's button starts without a host, show it, clear it."""


@button.command(short_help="Store a routine, for the button.")
@click.argument("routine", metavar="NAME|FILE")
@click.argument("device", required=False)
@click.option("--yes", is_flag=True, help="Do not ask whether it shall be stored.")
@pass_options
def store(options: Options, routine: str, device: str | None, *, yes: bool) -> None:
    """Store a routine in a roller, for its button; DEVICE may be left out where one roller is known.

    It is checked as by `glowtool run`, and read back. From then on a short press starts it where no host is, and
    another one stops it; `glowtool logs fetch` takes over what the roller kept of it. A failure leaves what was
    stored before, or all of the new one. With --json: {address, name, changed, stored: {crc32, routine, title, steps,
    duration_s}}; changed is false when the roller kept just that already.
    """
    from glowtool.app.finding import known_roller
    from glowtool.cli.commands.routines import check_routine
    from glowtool.routine import compile_routine, load_routine

    output = Output(options)
    loaded = load_routine(routine)
    for warning in check_routine(loaded):
        output.note(f"Note: {warning}")
    known = known_roller(options.root, device)
    _ask(loaded, known, yes=yes or options.json)
    program = compile_routine(loaded)
    kept = _kept(loaded, program)
    changed = run_async(options, _store(options, output, known, program, kept))
    if output.json:
        output.document({**_of(known), "changed": changed, "stored": _stored_document(kept.crc32, kept)})
        return
    done = f"Stored in {known.spoken} and read back" if changed else f"{known.spoken} kept just that already"
    output.result(f"{done}: {_words(kept)}.")
    output.result("Its button starts that without glowtool, under the same limits; pressed again, it stops.")
    output.note("Afterwards, `glowtool logs fetch` takes over what the roller kept of it.")


@button.command(short_help="Show what the button starts.")
@click.argument("device", required=False)
@pass_options
def show(options: Options, device: str | None) -> None:
    """Show what a roller's button starts; DEVICE may be left out where one is known.

    A roller tells the CRC-32 of the program; routine and title are known when it was stored from here, or is built
    in. With --json: {address, name, stored}; stored is null when nothing is, else {crc32, routine, title, steps,
    duration_s}, each but crc32 null when not known.
    """
    from glowtool.app.finding import known_roller

    output = Output(options)
    known = known_roller(options.root, device)
    crc = run_async(options, _stored(options, output, known))
    kept = None if crc is None else known_program(options, f"{crc:08x}")
    if output.json:
        output.document({**_of(known), "stored": None if crc is None else _stored_document(f"{crc:08x}", kept)})
    elif crc is None:
        output.result(
            f"The button of {known.spoken} starts nothing; `glowtool button store first-glow` stores a routine."
        )
    elif kept is None:
        output.result(
            f"The button of {known.spoken} starts a program (CRC-32 {crc:08x}) that was not stored from here; "
            "`glowtool button store first-glow` replaces it."
        )
    else:
        output.result(f"The button of {known.spoken} starts {_words(kept)}.")


@button.command(short_help="Forget what the button starts.")
@click.argument("device", required=False)
@pass_options
def clear(options: Options, device: str | None) -> None:
    """Have a roller forget what its button starts; DEVICE may be left out where one is known.

    With --json: {address, name, cleared}; cleared is false when nothing was stored.
    """
    from glowtool.app.finding import known_roller

    output = Output(options)
    known = known_roller(options.root, device)
    cleared = run_async(options, _clear(options, output, known))
    if output.json:
        output.document({**_of(known), "cleared": cleared})
    output.result(f"The button of {known.spoken} starts nothing{' now' if cleared else '; it did not before'}.")


def _ask(routine: Routine, known: KnownRoller, *, yes: bool) -> None:
    """Let a person at a terminal know what is left to the button; a script has nobody to ask."""
    if yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    from glowtool.cli.terminal.text import duration_text

    peak_ua = max((step.microcurrent.peak_ua for step in routine.steps if step.microcurrent), default=0)
    outputs = f"up to {peak_ua} µA" if peak_ua else "without current"
    confirm(
        f"{routine.title}, {duration_text(routine.duration_s)}, {outputs}. Whoever presses the button of "
        f"{known.spoken} will start it, without glowtool; it replaces what is stored. Store it",
        default=True,
    )


async def _store(
    options: Options, output: Output, known: KnownRoller, program: tuple[StepRecord, ...], kept: KeptProgram
) -> bool:
    from glowtool.drivers.gr1.button import store_for_button
    from glowtool.drivers.gr1.roller import unix_clock_us
    from glowtool.store.rollers.programs import keep_program
    from glowtool.units import MILLISECONDS_PER_SECOND

    async with _opened(options, output, known, "button store") as roller:
        # Before the roller has it: what a connection that is lost in between has left can then be named.
        keep_program(options.programs_dir, kept)
        try:
            return await store_for_button(roller, program, unix_clock_us() // MILLISECONDS_PER_SECOND)
        except LinkError as error:
            raise type(error)(
                f"{error}; the button starts what it did before, or all of the new routine: "
                "`glowtool button show` says which"
            ) from error


async def _stored(options: Options, output: Output, known: KnownRoller) -> int | None:
    from glowtool.drivers.gr1.button import stored_crc

    async with _opened(options, output, known, "button show") as roller:
        return await stored_crc(roller)


async def _clear(options: Options, output: Output, known: KnownRoller) -> bool:
    from glowtool.drivers.gr1.button import clear_button

    async with _opened(options, output, known, "button clear") as roller:
        return await clear_button(roller)


@asynccontextmanager
async def _opened(options: Options, output: Output, known: KnownRoller, command: str) -> AsyncIterator[Roller]:
    """Hold and open a known roller for the time of the block."""
    from glowtool.app.finding import find_known
    from glowtool.app.hold.holding import holding, open_roller

    async with holding(options, known.address, command) as held, adapter_for(options) as adapter:
        found = await find_known(adapter, known)
        async with open_roller(adapter, found, held, tell=output.attempt) as roller:
            if roller.found.state in {State.RUNNING, State.PAUSED}:
                output.note("The roller was in the middle of a massage, which has ended.")
            yield roller


def known_program(options: Options, crc32: str) -> KeptProgram | None:
    """Return which routine has that program: one that was stored from here, else a built-in one."""
    from glowtool.routine import builtin_names, compile_routine, load_routine
    from glowtool.store.rollers.programs import find_program

    found = find_program(options.programs_dir, crc32)
    if found is not None:
        return found
    routines = map(load_routine, builtin_names())
    built_in = (_kept(routine, compile_routine(routine)) for routine in routines)
    return next((kept for kept in built_in if kept.crc32 == crc32), None)


def _kept(routine: Routine, program: tuple[StepRecord, ...]) -> KeptProgram:
    from glowtool.protocol.program import encode_program, program_crc
    from glowtool.store.rollers.programs import KeptProgram

    return KeptProgram(
        crc32=f"{program_crc(encode_program(program)):08x}",
        name=routine.name,
        title=routine.title,
        steps=len(program),
        duration_s=routine.duration_s,
    )


def _of(known: KnownRoller) -> dict[str, object]:
    return {"address": known.address, "name": known.name}


def _stored_document(crc32: str, kept: KeptProgram | None) -> dict[str, object]:
    return {
        "crc32": crc32,
        "routine": None if kept is None else kept.name,
        "title": None if kept is None else kept.title,
        "steps": None if kept is None else kept.steps,
        "duration_s": None if kept is None else kept.duration_s,
    }


def _words(kept: KeptProgram) -> str:
    from glowtool.cli.terminal.text import duration_text

    steps = "1 step" if kept.steps == 1 else f"{kept.steps} steps"
    return f"{kept.title} ({kept.name}), {steps}, {duration_text(kept.duration_s)}"
