"""Massages that a roller did with its button: `glowtool logs fetch`, and how they are listed and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import adapter_for, make_private_dir, run_async
from glowtool.cli.terminal.output import Output
from glowtool.errors import CommandRefusedError, LogNotFoundError, ProtocolError
from glowtool.protocol.meanings import meaning_of
from glowtool.protocol.records import MassageEnd
from glowtool.protocol.vocabulary import Capability

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from glowtool.session.do.takeover import Taken, Takeover
    from glowtool.store.rollers.massages import KeptMassage, MassageEntry
    from glowtool.store.rollers.registry import KnownRoller


@click.command()
@click.argument("device", required=False)
@click.option("--remove", is_flag=True, help="Delete each from the roller once it is safe on disk.")
@pass_options
def fetch(options: Options, device: str | None, *, remove: bool) -> None:
    """Take over the massages that a roller kept by itself: those done with its button, without a host.

    DEVICE may be left out where one is known. They stay on the roller unless --remove is given; then each is deleted
    there after it was written to disk and read back. With --json: {address, name, serial, lost, massages: [{massage_id,
    record, started_utc, duration_s, ending, fresh, removed}], unreadable: [{record, problem}]}.
    """
    from glowtool.app.finding import known_roller

    output = Output(options)
    known = known_roller(options.root, device)
    folder = make_private_dir(options.massages_dir)
    serial, outcome = run_async(options, _fetch(options, output, known, folder, remove=remove))
    if output.json:
        output.document(_document(known, serial, outcome))
    if not outcome.taken and not outcome.unreadable:
        output.note(f"{known.spoken} keeps no massage.")
    if outcome.lost:
        output.note(f"{outcome.lost} more found no room in {known.spoken} and were not kept there.")
    for record in outcome.unreadable:
        output.problem(f"glowtool: record {record.record} stays on the roller: {record.problem}")
    if outcome.unreadable:
        total = len(outcome.taken) + len(outcome.unreadable)
        raise ProtocolError(f"{len(outcome.unreadable)} of {total} massages cannot be read; update glowtool")


async def _fetch(
    options: Options, output: Output, known: KnownRoller, folder: Path, *, remove: bool
) -> tuple[str, Takeover]:
    from datetime import UTC, datetime

    from glowtool.app.finding import find_known
    from glowtool.app.hold.holding import holding, open_roller
    from glowtool.session.do.takeover import Source, take_over

    def tell(taken: Taken) -> None:
        where = "fetched" if taken.fresh else "there already"
        output.result(f"{_line(taken.massage)}: {where}{', deleted from the roller' if taken.removed else ''}")

    async with holding(options, known.address, "logs fetch") as held, adapter_for(options) as adapter:
        found = await find_known(adapter, known)
        async with open_roller(adapter, found, held, tell=output.attempt) as roller:
            if Capability.RECORDS not in roller.feature.capabilities:
                raise CommandRefusedError(
                    f"{known.spoken} keeps no massages: it speaks protocol {roller.feature.major}."
                    f"{roller.feature.minor}, and they come with 1.1; update the firmware of the roller"
                )
            source = Source(roller.identity.serial, known.name, known.address)
            now_utc = datetime.now(UTC)
            return source.serial, await take_over(roller.archive, source, folder, now_utc, remove=remove, tell=tell)


def _document(known: KnownRoller, serial: str, outcome: Takeover) -> dict[str, object]:
    return {
        "address": known.address,
        "name": known.name,
        "serial": serial,
        "lost": outcome.lost,
        "massages": [
            {**_brief(taken.massage), "fresh": taken.fresh, "removed": taken.removed} for taken in outcome.taken
        ],
        "unreadable": [{"record": record.record, "problem": record.problem} for record in outcome.unreadable],
    }


def entry_document(entry: MassageEntry) -> dict[str, object]:
    """Return what `logs list --json` says of a massage by the button."""
    facts = {"massage_id": entry.massage_id} if entry.massage is None else _brief(entry.massage)
    return {**facts, "path": str(entry.path), "problem": entry.problem}


def print_list(output: Output, entries: Sequence[MassageEntry]) -> None:
    """Print the massages by the button as a table; nothing when there are none."""
    if entries:
        output.result("")
        output.table(("By the button", "Started", "Duration", "Ending"), map(_row, entries), whole=frozenset({0, 1, 2}))


def show_massage(options: Options, output: Output, entry: MassageEntry) -> None:
    """Print one massage by the button, or what its file says as JSON; raises the reason when it cannot be read."""
    from glowtool.cli.commands.button import known_program
    from glowtool.store.rollers.massages import read_massage

    massage = read_massage(entry.path)
    if output.json:
        output.document({**massage.model_dump(mode="json"), "path": str(entry.path)})
        return
    output.result(f"Massage  {_line(massage)}")
    routine = known_program(options, massage.program_crc32)
    if routine is not None:
        output.result(f"Routine  {routine.title} ({routine.name})")
    known = MassageEnd.__members__.get(massage.ending.upper())
    output.result(f"Ending   {massage.ending if known is None else meaning_of(known)}")
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


def session_folder(options: Options, session: str) -> Path:
    """Return the folder of a session; `LogNotFoundError` says so when a massage by the button is meant."""
    from glowtool.store.catalogue import resolve
    from glowtool.store.rollers.massages import find_massage

    try:
        return resolve(options.logs_dir, session)
    except LogNotFoundError:
        entry = find_massage(options.massages_dir, session)
        if entry is None:
            raise
    raise LogNotFoundError(
        f"{entry.massage_id} is a massage by the button: the roller kept a summary of it and no samples; "
        "`glowtool logs show` shows it"
    )


def _brief(massage: KeptMassage) -> dict[str, object]:
    return {
        "massage_id": massage.massage_id,
        "record": massage.record,
        "started_utc": None if massage.started_utc is None else massage.started_utc.isoformat(),
        "duration_s": round(massage.duration_s, 3),
        "ending": massage.ending,
    }


def _line(massage: KeptMassage) -> str:
    _, started, duration, ending = _cells(massage)
    return f"{massage.massage_id}, {started}, {duration}, {ending}"


def _row(entry: MassageEntry) -> tuple[str, ...]:
    if entry.massage is None:
        return entry.massage_id, "–", "–", f"unreadable: {entry.problem}"
    return _cells(entry.massage)


def _cells(massage: KeptMassage) -> tuple[str, str, str, str]:
    from glowtool.cli.terminal.text import duration_text
    from glowtool.kit.local_time import local_time
    from glowtool.store.ending_words import ending_words

    started = "at a time unknown" if massage.started_utc is None else local_time(massage.started_utc)
    return massage.massage_id, started, duration_text(massage.duration_s), ending_words(massage.ending)
