"""`glowtool logs recover`, `verify`, `erase`: close logs that were cut off, find damage, erase without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.asking.questions import confirm
from glowtool.cli.terminal.output import Printer
from glowtool.cli.terminal.progress import progress
from glowtool.cli.terminal.text import duration_text, size_text
from glowtool.errors import LogDamagedError, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.tables.manifest import Manifest

#: How many logs a question names.
_SHOWN: Final = 3


@click.command(short_help="Close logs that were cut off.")
@click.argument("session", required=False)
@pass_options
def recover(options: Options, session: str | None) -> None:
    """Close logs that were cut off, so that everything that was fully written can be read: one SESSION, or all logs.

    Damaged parts are left out and listed. The recording is then kept as well, in files that begin with `damaged-`.
    With --json: {"recovered": [session_id], "failed": [{session_id, problem}], "damaged": [{session_id, samples,
    events, told}]}.
    """
    output = Printer(options)
    recovered: list[str] = []
    failed: list[dict[str, str]] = []
    damaged: list[dict[str, object]] = []
    for each in _recovered(options, session):
        if each.manifest is None:
            failed.append({"session_id": each.session_id, "problem": str(each.failure)})
            output.problem(f"glowtool: {each.failure}")
            continue
        recovered.append(each.session_id)
        manifest = each.manifest
        what = f"{manifest.state.value}, {seconds(manifest)} recorded, {manifest.counters.received} frames"
        output.result(f"{each.session_id}: {what}")
        for sentence in each.told:
            output.problem(f"{each.session_id}: {sentence}")
        if manifest.damage is not None:
            lost = {"samples": manifest.damage.samples, "events": manifest.damage.events}
            damaged.append({"session_id": each.session_id, **lost, "told": list(each.told)})
    if output.json:
        output.json_object({"recovered": recovered, "failed": failed, "damaged": damaged})
    if failed:
        raise StoreError(f"{len(failed)} of {len(failed) + len(recovered)} logs could not be recovered")
    if not recovered:
        output.note("Nothing to recover: every log is closed.")


def _recovered(options: Options, session: str | None) -> Iterator[app.care.Recovered]:
    with progress(options, "Recovering") as advance:
        yield from advance.gathered(app.care.recover(options.place, session, advance))


@click.command(short_help="Look for damage in logs.")
@click.argument("session", required=False)
@pass_options
def verify(options: Options, session: str | None) -> None:
    """Look for damage in logs: check every file against its checksum and read it, for one SESSION or all logs.

    SESSION is an id, the beginning of an id, `last`, or the path of a log.
    With --json: {"logs": [{session_id, whole, told}]}; whole is false where anything is wrong.
    """
    output = Printer(options)
    found: dict[str, tuple[str, ...]] = {}
    with progress(options, "Verifying") as advance:
        for name, told in advance.gathered(app.care.verify(options.place, session, advance)):
            found[name] = told
            output.result(f"{name}: {' '.join(told) or 'whole'}")
    if output.json:
        output.json_object(
            {"logs": [{"session_id": name, "whole": not told, "told": list(told)} for name, told in found.items()]}
        )
    bad = sum(bool(told) for told in found.values())
    if bad:
        raise LogDamagedError(f"{bad} of {len(found)} logs are not whole")
    if not found:
        output.note(f"There is no log yet; {app.routines.to_record(options.place)}.")


@click.command(short_help="Make the catalogue of logs anew.")
@pass_options
def reindex(options: Options) -> None:
    """Make the catalogue of logs anew from their manifests.

    Lists are quick because of the catalogue, a file that can be thrown away. glowtool notices by itself when it is
    stale or damaged, so this is needed only in doubt. With --json: {logs, unreadable, size_bytes}.
    """
    output = Printer(options)
    with progress(options, "Reading the logs") as advance:
        entries = app.care.reindex(options.place, advance).entries
    unreadable = [entry for entry in entries if entry.facts is None]
    size_bytes = sum(map(app.listing.size_of, entries))
    if output.json:
        output.json_object({"logs": len(entries), "unreadable": len(unreadable), "size_bytes": size_bytes})
    for entry in unreadable:
        output.problem(f"glowtool: {entry.problem}")
    if not entries:
        output.note(f"There is no log yet; {app.routines.to_record(options.place)}.")
        return
    output.result(disk_use(options, entries))


@click.command(short_help="Erase logs permanently.")
@click.argument("session", required=False)
@click.option("--all", "everything", is_flag=True, help="Erase all logs and massages by the button.")
@click.option("--device", metavar="DEVICE", help="Erase those of a roller: its name, alias, address or serial number.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_options
def erase(options: Options, session: str | None, *, everything: bool, device: str | None, yes: bool) -> None:
    """Erase logs permanently: samples, events, the report, and the files that a recovery set aside.

    SESSION is an id or the beginning of one; a massage by the button has an id, too. Exported files, and what a roller
    keeps itself, are not touched. With --json: {erased: [id], problems: [text]}.
    """
    if sum((session is not None, everything, device is not None)) != 1:
        raise UsageError("name one SESSION, or give --all or --device DEVICE")
    output = Printer(options)
    found = app.care.meant(options.place, session, device)
    if not found.spoken:
        output.note("Nothing to erase.")
    if found.spoken and not yes:
        names = (*found.sessions, *found.massages)
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        confirm(f"Erase {shown} ({found.spoken}) permanently?", default=False)
    done = app.traces.erase_logs(options.place, found)
    if output.json:
        output.json_object({"erased": done.changed, "problems": done.problems})
    for name in done.changed:
        output.result(f"{name}: erased")
    for problem in done.problems:
        output.problem(f"glowtool: {problem}")
    failed = len(found.sessions) + len(found.massages) - len(done.changed)
    if failed:
        raise StoreError(f"{failed} of {failed + len(done.changed)} could not be erased")


def disk_use(options: Options, entries: Sequence[SessionEntry]) -> str:
    """Return how many logs there are, what they take, and where they are."""
    count = f"{len(entries)} log{'' if len(entries) == 1 else 's'}"
    return f"{count}, {size_text(sum(map(app.listing.size_of, entries)))} in {options.place.logs_dir}"


def seconds(manifest: Manifest) -> str:
    """Return the duration of a session as people read it."""
    found_s = app.listing.duration_s(manifest)
    return "–" if found_s is None else duration_text(found_s)
