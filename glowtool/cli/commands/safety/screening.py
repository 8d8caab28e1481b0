"""`glowtool safety screening`: the questions before the first output, and what the answers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.commands.safety.asking import ask_all, ask_open, someone, stop_in_use
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.model.output import Output
from glowtool.safety.screening import asked_for

if TYPE_CHECKING:
    from glowtool.store.people.people import KnownPerson


@click.command(short_help="Answer what is asked before the first output.")
@click.option("--again", is_flag=True, help="Answer everything anew, since something changed.")
@click.option("--vibration", "vibration", is_flag=True, help="Only the shorter list of vibration without current.")
@pass_options
def screening(options: Options, *, again: bool, vibration: bool) -> None:
    """Answer what is asked before the first output, for whoever is massaged.

    Some answers rule an output out, others ask that a professional is seen first. Answers count for 90 days; only
    what is missing or older is asked, or everything with --again. No option and no file leads past it. A script may
    answer line by line, y or n. With --json: {person, valid_until, microcurrent, vibration}; the last two are
    {allowed, because}, because is null or why not; valid_until is null while an output is not allowed.
    """
    known = someone(options)
    wanted = Output.VIBRATION if vibration else Output.MICROCURRENT
    if again:
        ask_all(options, known, asked_for(wanted))
    else:
        ask_open(options, known, wanted)
    _tell(options, known, wanted)


def _tell(options: Options, known: KnownPerson, wanted: Output) -> None:
    output, who = Printer(options), app.keeping.as_meant(options.place, known)
    against = {each: app.admitting.refusal(who, each) for each in Output}
    until = None if against[wanted] else app.keeping.valid_until(who, wanted)
    if output.json:
        said = {each.value: {"allowed": why is None, "because": why and why.says} for each, why in against.items()}
        output.json_object({"person": known.name, "valid_until": until and until.isoformat(), **said})
    for each, why in against.items():
        output.prose(f"{each.value.capitalize()}: {'yes' if why is None else f'no; {why}'}.")
    if until is not None:
        output.result(f"The answers of {known.name} count until {until}.")
    elif not stop_in_use(options) and app.finding.registry(options.place).rollers():
        output.note("What a roller's button starts beyond this is cleared when you use the roller next;")
        output.note("`glowtool button clear` does it now.")
