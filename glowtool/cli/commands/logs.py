"""`glowtool logs`: list, show, export; further commands have modules of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.commands.log_care import disk_use, erase, recover, reindex, verify
from glowtool.cli.commands.massages import entry_object, fetch, print_list, show_massage
from glowtool.cli.commands.transfer.export import export
from glowtool.cli.commands.transfer.import_csv import import_csv
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer, frames_text, lost_text
from glowtool.cli.terminal.text import duration_text, size_text
from glowtool.kit.text.local_time import local_time
from glowtool.kit.text.visible import visible
from glowtool.store.ending_words import ending_words

if TYPE_CHECKING:
    from glowtool.model.ending import Ending
    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.tables.entries import ClockEntry, ImportEntry
    from glowtool.store.tables.manifest import Manifest


@click.group(cls=SuggestingGroup)
def logs() -> None:
    """List, show, export, recover, verify, reindex, erase logs; fetch what a roller kept by itself."""


for command in (export, import_csv, fetch, recover, verify, reindex, erase):
    logs.add_command(command)


@logs.command("list", short_help="List sessions and fetched massages, oldest first.")
@click.option("--last", "newest", type=click.IntRange(min=1), metavar="N", help="Only the newest N of each.")
@click.option("--device", metavar="DEVICE", help="Only those of a roller: its name, alias, address or serial number.")
@pass_options
def list_logs(options: Options, newest: int | None, device: str | None) -> None:
    """List the sessions, oldest first, and the fetched massages by the button.

    With --person NAME: those of one person alone; else, where several people are known, whose each one is. With --json:
    {"sessions": [{session_id, started_utc, duration_s, routine, device, person, state, ending, size_bytes, path,
    problem}], "massages": [{massage_id, record, started_utc, duration_s, ending, person, path, problem}]}; person is
    null where nobody knows.
    """
    output, whose = Printer(options), app.whose.Whose(options.place)
    is_of = None if device is None else app.care.is_of_named(options.place, device)
    sessions = [(entry, whose.of_session(entry)) for entry in app.listing.sessions(options.place, is_of)]
    by_button = [(entry, whose.of_massage(entry)) for entry in app.listing.massages(options.place, is_of)]
    owned = [each for each in sessions if whose.shown(each[1])][-(newest or 0) :]
    theirs = [each for each in by_button if whose.shown(each[1])][-(newest or 0) :]
    if output.json:
        output.json_object(
            {
                "sessions": [_entry_object(entry, owner) for entry, owner in owned],
                "massages": [entry_object(entry, owner) for entry, owner in theirs],
            }
        )
        return
    entries, massages = [entry for entry, _ in owned], [entry for entry, _ in theirs]
    if whose.only is not None:
        others = sum(not whose.shown(owner) for _, owner in (*sessions, *by_button))
        output.note(f"Only those of {visible(whose.only.name)}; {others} of others, or of nobody known.")
    if not sessions:
        none = f"There is no log yet; {app.routines.to_record(options.place)}."
        output.note(none if device is None else f"There is no log of {visible(device)}.")
        print_list(output, massages)
        return
    headers: tuple[str, ...] = ("Session", "Started", "Duration", "Routine", "Ending")
    rows = [_entry_row(entry) for entry in entries]
    if whose.tells_apart:
        headers = (*headers, "Person")
        rows = [(*row, _name_of(owner)) for row, (_, owner) in zip(rows, owned, strict=True)]
    if rows:
        output.table(headers, rows, whole=frozenset({0, 1, 2}), paired=(1, 4))
    print_list(output, massages)
    output.note("")
    output.note(f"{disk_use(options, entries)}.")
    open_ones = sum(entry.facts is not None and not entry.finished for entry in entries)
    if open_ones:
        output.note(f"{open_ones} of them cut off, or running now; `glowtool logs recover` closes those cut off.")


@logs.command()
@click.argument("session", default="last", metavar="[SESSION]")
@pass_options
def show(options: Options, session: str) -> None:
    """Show a log: routine, roller, steps, frames.

    SESSION is an id, the beginning of an id, `last`, or the path of a log. With --json: the manifest, as
    docs/reference/log-format.md describes it, `path` and `size_bytes`. The id of a massage by the button shows that
    massage; with --json: the content of its file, and `path`.
    """
    output = Printer(options)
    massage = app.listing.massage(options.place, session)
    if massage is not None:
        show_massage(options, output, massage)
        return
    log = app.exporting.open_log(options.place, session)
    manifest = log.manifest
    if output.json:
        output.json_object(
            {**manifest.model_dump(mode="json"), "path": str(log.path), "size_bytes": app.listing.bytes_in(log.path)}
        )
        return
    _print_manifest(output, manifest, app.whose.Whose(options.place).of_log(manifest))
    output.result(f"Folder   {log.path}, {size_text(app.listing.bytes_in(log.path))}")


def _name_of(owner: KnownPerson | None) -> str:
    return "–" if owner is None else visible(owner.name)


def _entry_object(entry: SessionEntry, owner: KnownPerson | None) -> dict[str, object]:
    facts = entry.facts
    return {
        "session_id": entry.session_id,
        "started_utc": None if facts is None else facts.started_utc.isoformat(),
        "duration_s": None if facts is None else facts.duration_s,
        "routine": None if facts is None else facts.routine,
        "device": None if facts is None else facts.device,
        "person": None if owner is None else owner.name,
        "state": None if facts is None else facts.state.value,
        "ending": None if facts is None or facts.ending is None else facts.ending.value,
        "size_bytes": app.listing.size_of(entry),
        "path": str(entry.path),
        "problem": entry.problem,
    }


def _entry_row(entry: SessionEntry) -> tuple[str, ...]:
    facts = entry.facts
    if facts is None:
        return entry.session_id, "–", "–", "–", f"unreadable: {entry.problem}"
    duration = "–" if facts.duration_s is None else duration_text(facts.duration_s)
    ending = _words(facts.ending) if facts.ending else "cut off"
    routine = "no routine" if facts.is_free else facts.routine or "–"
    return entry.session_id, local_time(facts.started_utc), duration, routine, ending


def _words(ending: Ending) -> str:
    return ending_words(ending.value)


def _clock_text(clock: ClockEntry) -> str:
    error_us = clock.worst_error_us
    within = "error unknown" if error_us is None else f"within {error_us / 1000:.1f} ms"
    return f"roller's time to this computer's: {within}, drift {clock.drift_ppm:+.1f} ppm"


def _import_words(source: ImportEntry) -> str:
    missing = f", {source.missing_rows} of them without a value" if source.missing_rows else ""
    resampled = ", resampled" if source.resampled else ""
    return f"{visible(source.file)}, {source.rows} rows{missing}{resampled}"


def _print_manifest(output: Printer, manifest: Manifest, owner: KnownPerson | None) -> None:
    device, counters = manifest.device, manifest.counters
    ending = _words(manifest.ending) if manifest.ending else "not closed"
    output.result(
        f"Session  {manifest.session_id}, {local_time(manifest.started_utc)}, {manifest.state.value}, {ending}"
    )
    named = f"{manifest.routine.get('title')} ({manifest.routine.get('name')})"
    output.result(f"Routine  {'no routine: a recording without outputs' if manifest.is_free else named}")
    if owner is not None:
        output.result(f"Person   {visible(owner.name)}")
    if manifest.imported is None:
        output.result(f"Roller   {device.name}, {device.address}")
        output.result(f"         serial {device.serial}, firmware {device.firmware}, protocol {device.protocol}")
    else:
        output.result(f"Device   {device.name}")
        output.result(f"Import   {_import_words(manifest.imported)}")
    for span in manifest.steps:
        output.result(f"Step {span.index + 1:<3} {(span.end_us - span.start_us) / 1e6:.1f} s")
    if manifest.imported is None:
        output.result(f"Frames   {frames_text(counters.model_dump())}")
        if stages := lost_text(counters.model_dump()):
            output.result(f"         {stages}")
        if manifest.clock is not None:
            output.result(f"Clock    {_clock_text(manifest.clock)}")
    output.result(f"Rate     {manifest.rate_hz} Hz")
    for sentence in (*app.care.cells_told(manifest).values(), *app.care.damage_told(manifest)):
        output.prose(f"Note: {sentence}")
