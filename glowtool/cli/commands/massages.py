"""Massages that were started with the roller's button: `glowtool logs fetch`, and how they are listed and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.massage_words import massage_facts, massage_line, massage_row
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.session.do.takeover import Takeover
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.rollers.known import KnownRoller
    from glowtool.store.rollers.massages import MassageEntry


@click.command(short_help="Fetch the massages that a roller recorded by itself.")
@click.argument("device", required=False)
@click.option("--remove", is_flag=True, help="Delete each massage from the roller once it is safe on disk.")
@pass_options
def fetch(options: Options, device: str | None, *, remove: bool) -> None:
    """Fetch the massages that a roller recorded by itself: those started with its button, without a host.

    DEVICE may be left out when one roller is known, or a default is set. The massages stay on the roller unless
    --remove is given; then each is deleted there once it is written to disk, read back and counted in the ledger. A
    fetch that breaks off goes on where it was, by itself or by the next command. With --json: {address, name, serial,
    lost, massages: [{massage_id, record, started_utc, duration_s, ending, fresh, removed}], unreadable: [{record,
    problem}], gone: [record]}; gone are those that another host had deleted before they were here whole.
    """
    output = Printer(options)
    known = app.finding.known_roller(options.place, device)
    fetched = run_async(options, app.fetching.fetch(options.place, known, shown_by(output), remove=remove))
    outcome = fetched.outcome
    if output.json:
        output.json_object(_object(known, fetched.serial, outcome))
    if not outcome.taken and not outcome.unreadable and not outcome.gone:
        output.note(f"{known.spoken} keeps no massage.")
    if outcome.lost:
        output.note(f"{outcome.lost} more did not fit into the memory of {known.spoken} and were not kept.")
    if any(each.person is None for each in fetched.counted) and app.who.people_of(options.place).all():
        output.note("Nobody knows whose these were, so they count for everybody today;")
        output.note("`glowtool safety claim MASSAGE` gives one to a person.")
    for number in outcome.gone:
        output.problem(f"glowtool: record {number} was deleted by another host before it was here whole")
    for record in outcome.unreadable:
        output.problem(f"glowtool: record {record.record} stays on the roller: {record.problem}")
    if outcome.unreadable:
        total = len(outcome.taken) + len(outcome.unreadable)
        raise ProtocolError(f"{len(outcome.unreadable)} of {total} massages cannot be read", advice="update glowtool")


def _object(known: KnownRoller, serial: str, outcome: Takeover) -> dict[str, object]:
    return {
        "address": known.address,
        "name": known.name,
        "serial": serial,
        "lost": outcome.lost,
        "massages": [
            {**massage_facts(taken.massage), "fresh": taken.fresh, "removed": taken.removed} for taken in outcome.taken
        ],
        "unreadable": [{"record": record.record, "problem": record.problem} for record in outcome.unreadable],
        "gone": list(outcome.gone),
    }


def entry_object(entry: MassageEntry, owner: KnownPerson | None) -> dict[str, object]:
    """Return the JSON object of a massage by the button in `logs list --json`."""
    facts = {"massage_id": entry.massage_id} if entry.massage is None else massage_facts(entry.massage)
    return {**facts, "person": None if owner is None else owner.name, "path": str(entry.path), "problem": entry.problem}


def print_list(output: Printer, entries: Sequence[MassageEntry]) -> None:
    """Print the massages by the button as a table; nothing when there are none."""
    if entries:
        output.result("")
        output.table(
            ("By the button", "Started", "Duration", "Ending"), map(massage_row, entries), whole=frozenset({0, 1, 2})
        )


def show_massage(options: Options, output: Printer, entry: MassageEntry) -> None:
    """Print one massage by the button, or its file as JSON; raises the reason when it cannot be read."""
    massage = app.listing.read_massage(entry.path)
    if output.json:
        output.json_object({**massage.model_dump(mode="json"), "path": str(entry.path)})
        return
    output.result(f"Massage  {massage_line(massage)}")
    routine = app.kept.known_program(options.place, massage.program_crc32)
    if routine is not None:
        output.result(f"Routine  {routine.title} ({routine.name})")
    output.result(f"Ending   {massage.ending_meaning}")
    output.result(f"Roller   {massage.device}, {massage.address}, serial {massage.serial}")
    output.result(f"Outputs  microcurrent {massage.current_s:.1f} s, vibration {massage.vibration_s:.1f} s")
    if massage.interlocks:
        output.result(f"Held     by {', '.join(name.replace('_', ' ') for name in massage.interlocks)}")
    for number, step in enumerate(massage.steps, 1):
        output.result(
            f"Step {number:<3} {step.elapsed_s:.1f} s, {step.contact_s:.1f} s in contact, "
            f"mean {step.mean_kpa:.2f} kPa, peak {step.peak_kpa:.2f} kPa"
        )
    output.result(f"File     {entry.path}")
