"""`glowtool button`: store, show and clear the routine that the roller's button starts without a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.commands.safety.asking import screen_first
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.routine_argument import routine_argument
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.asking.questions import remind
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.cli.terminal.text import duration_text

if TYPE_CHECKING:
    from glowtool.app.routines import Proposal
    from glowtool.routine import Routine
    from glowtool.store.rollers.known import KnownRoller
    from glowtool.store.rollers.programs import KeptProgram

#: The routine depends on the roller.
_STORE: Final = "glowtool button store"


@click.group(cls=SuggestingGroup)
def button() -> None:
    """Store, show or clear the routine that the roller's button starts without a host."""


@button.command(short_help="Store a routine for the button.")
@routine_argument
@click.argument("device", required=False)
@click.option("--yes", is_flag=True, help="Store without asking; a script is not asked.")
@pass_options
def store(options: Options, routine: str, device: str | None, *, yes: bool) -> None:
    """Store a routine in a roller, for its button.

    DEVICE may be left out when one roller is known, or a default is set. The routine is checked as by `glowtool run`,
    and read back. From then on, a short press of the button starts it when no host is connected, and another press
    stops it. `glowtool logs fetch` then takes over what the roller recorded. When storing fails, the roller holds
    either the old routine or all of the new one. With --json: {address, name, changed, stored: {crc32, routine, title,
    steps, duration_s}}; changed is false when the roller held this routine already.
    """
    output = Printer(options)
    loaded = app.routines.load(options.place, routine)
    for warning in app.routines.check_routine(loaded, app.circumstances.left_today(options.place)):
        output.note(f"Note: {warning}")
    known = app.finding.known_roller(options.place, device)
    screen_first(options, loaded, silent=yes or options.json)
    _ask(loaded, known, yes=yes or options.json)
    stored = run_async(options, app.button.store(options.place, known, loaded, shown_by(output)))
    changed, kept = stored.changed, stored.kept
    if output.json:
        output.json_object({**_of(known), "changed": changed, "stored": _stored_object(kept.crc32, kept)})
        return
    done = f"Stored in {known.spoken} and read back" if changed else f"{known.spoken} held it already"
    output.result(f"{done}: {_words(kept)}.")
    output.result("Its button starts the routine without glowtool, under the same limits. Press it again to stop.")
    if stored.differs is not None:
        output.note(stored.differs.words)
    output.note("Afterwards, `glowtool logs fetch` takes over what the roller recorded.")


@button.command(short_help="Show the routine that the button starts.")
@click.argument("device", required=False)
@pass_options
def show(options: Options, device: str | None) -> None:
    """Show the routine that a roller's button starts.

    DEVICE may be left out when one roller is known, or a default is set. The roller reports only the CRC-32 of its
    program. Routine and title are known when the routine was stored from this computer, or is built in. With --json:
    {address, name, stored}; stored is null when nothing is stored, else {crc32, routine, title, steps, duration_s}.
    Each of these but crc32 is null when it is not known.
    """
    output = Printer(options)
    known = app.finding.known_roller(options.place, device)
    crc, proposal = run_async(options, app.button.stored(options.place, known, shown_by(output)))
    kept = None if crc is None else app.kept.known_program(options.place, f"{crc:08x}")
    if output.json:
        output.json_object({**_of(known), "stored": None if crc is None else _stored_object(f"{crc:08x}", kept)})
    elif crc is None:
        output.result(f"The button of {known.spoken} starts nothing{_storing(proposal, 'stores a routine')}.")
    elif kept is None:
        output.result(
            f"The button of {known.spoken} starts a program (CRC-32 {crc:08x}) that was not stored from here"
            f"{_storing(proposal, 'replaces it')}."
        )
    else:
        output.result(f"The button of {known.spoken} starts {_words(kept)}.")


@button.command(short_help="Clear the routine that the button starts.")
@click.argument("device", required=False)
@pass_options
def clear(options: Options, device: str | None) -> None:
    """Clear the routine that a roller's button starts.

    DEVICE may be left out when one roller is known, or a default is set. With --json: {address, name, cleared};
    cleared is false when nothing was stored.
    """
    output = Printer(options)
    known = app.finding.known_roller(options.place, device)
    cleared = run_async(options, app.button.clear(options.place, known, shown_by(output)))
    if output.json:
        output.json_object({**_of(known), "cleared": cleared})
    output.result(f"The button of {known.spoken} starts nothing{' now' if cleared else '; it did not before'}.")


def _ask(routine: Routine, known: KnownRoller, *, yes: bool) -> None:
    """Ask a person at a terminal before the button gets the routine."""
    if yes:
        return
    peak_ua = routine.peak_most_ua
    outputs = f"up to {peak_ua:g} µA" if peak_ua else "without current"
    remind(
        f"{routine.title}, {duration_text(routine.duration_s)}, {outputs}. Anyone who presses the button of "
        f"{known.spoken} will start it, without glowtool. It replaces what is stored. Store it",
    )


def _storing(proposal: Proposal, does: str) -> str:
    """Return what stores a routine that this roller can run, as the end of a sentence; nothing where there is none."""
    return "" if proposal.routine is None else f"; `{_STORE} {proposal.routine}` {does}"


def _of(known: KnownRoller) -> dict[str, object]:
    return {"address": known.address, "name": known.name}


def _stored_object(crc32: str, kept: KeptProgram | None) -> dict[str, object]:
    return {
        "crc32": crc32,
        "routine": None if kept is None else kept.name,
        "title": None if kept is None else kept.title,
        "steps": None if kept is None else kept.steps,
        "duration_s": None if kept is None else kept.duration_s,
    }


def _words(kept: KeptProgram) -> str:
    steps = "1 step" if kept.steps == 1 else f"{kept.steps} steps"
    return f"{kept.title} ({kept.name}), {steps}, {duration_text(kept.duration_s)}"
