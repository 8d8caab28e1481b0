"""`glowtool logs recover`, `verify`, `erase`: closing what was cut off, looking for damage, leaving nothing behind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Output
from glowtool.errors import DeviceNotFoundError, LogDamagedError, StoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.logs.traces import Logs
    from glowtool.store.rollers.registry import KnownRoller
    from glowtool.store.tables.manifest import Manifest

#: As many logs are named in a question.
_SHOWN: Final = 3


@click.command()
@click.argument("session", required=False)
@pass_options
def recover(options: Options, session: str | None) -> None:
    """Close logs that were cut off, so that everything written whole can be read: one SESSION, or all of them.

    What was damaged is left out and told, and then the recording is kept aside, in files that begin with `damaged-`.
    With --json: {"recovered": [session_id], "failed": [{session_id, problem}], "damaged": [{session_id, samples,
    events, told}]}.
    """
    from glowtool.store.catalogue import list_sessions, resolve
    from glowtool.store.damage import damage_told
    from glowtool.store.journal.recover import recover as recover_log

    output = Output(options)
    if session is None:
        folders = [entry.path for entry in list_sessions(options.logs_dir) if not entry.finished]
    else:
        folders = [resolve(options.logs_dir, session)]
    recovered: list[str] = []
    failed: list[dict[str, str]] = []
    damaged: list[dict[str, object]] = []
    for folder in folders:
        try:
            manifest = recover_log(folder)
        except StoreError as error:
            failed.append({"session_id": folder.name, "problem": str(error)})
            output.problem(f"glowtool: {error}")
            continue
        recovered.append(folder.name)
        output.result(
            f"{folder.name}: {manifest.state.value}, {seconds(manifest)} recorded, {manifest.counters.received} frames"
        )
        told = damage_told(manifest)
        for sentence in told:
            output.problem(f"{folder.name}: {sentence}")
        if manifest.damage is not None:
            lost = {"samples": manifest.damage.samples, "events": manifest.damage.events}
            damaged.append({"session_id": folder.name, **lost, "told": list(told)})
    if output.json:
        output.document({"recovered": recovered, "failed": failed, "damaged": damaged})
    if failed:
        raise StoreError(f"{len(failed)} of {len(folders)} logs could not be recovered")
    if not folders:
        output.note("Nothing is to be recovered: every log is closed.")


@click.command()
@click.argument("session", required=False)
@pass_options
def verify(options: Options, session: str | None) -> None:
    """Look for damage in logs: hold every file against its checksum and read it, one SESSION or all of them.

    With --json: {"logs": [{session_id, whole, told}]}; whole is false where anything is wrong.
    """
    from glowtool.store.catalogue import list_sessions, resolve

    output = Output(options)
    if session is None:
        folders = [entry.path for entry in list_sessions(options.logs_dir)]
    else:
        folders = [resolve(options.logs_dir, session)]
    found = {folder.name: _wrong_with(folder) for folder in folders}
    for name, told in found.items():
        output.result(f"{name}: {' '.join(told) or 'whole'}")
    if output.json:
        output.document(
            {"logs": [{"session_id": name, "whole": not told, "told": list(told)} for name, told in found.items()]}
        )
    bad = sum(bool(told) for told in found.values())
    if bad:
        raise LogDamagedError(f"{bad} of {len(folders)} logs are not whole")
    if not folders:
        output.note("There is no log yet; `glowtool run first-glow` makes one.")


@click.command()
@click.argument("session", required=False)
@click.option("--all", "everything", is_flag=True, help="Erase all logs and massages by the button.")
@click.option("--device", metavar="DEVICE", help="Erase those of a roller: its name, alias, address or serial number.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_options
def erase(options: Options, session: str | None, *, everything: bool, device: str | None, yes: bool) -> None:
    """Erase logs for good: samples, events, report, and what a recovery kept aside.

    SESSION is an id or its beginning, also of a massage by the button. What was exported elsewhere is not touched, nor
    what a roller keeps itself. With --json: {erased: [id], problems: [text]}.
    """
    from glowtool.app.logs.traces import erase_logs
    from glowtool.cli.terminal.questions import confirm

    if sum((session is not None, everything, device is not None)) != 1:
        raise UsageError("name one SESSION, or say --all or --device DEVICE")
    output = Output(options)
    found = _meant(options, session, device)
    if not found.spoken:
        output.note("There is nothing to erase.")
    if found.spoken and not yes:
        if options.json or not sys.stdin.isatty():
            raise UsageError("nobody can be asked here; say --yes to erase without a question")
        names = (*found.sessions, *found.massages)
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        confirm(f"Erase {shown} ({found.spoken}) for good?", default=False)
    done = erase_logs(options, found)
    if output.json:
        output.document({"erased": done.changed, "problems": done.problems})
    for name in done.changed:
        output.result(f"{name}: erased")
    for problem in done.problems:
        output.problem(f"glowtool: {problem}")
    failed = len(found.sessions) + len(found.massages) - len(done.changed)
    if failed:
        raise StoreError(f"{failed} of {failed + len(done.changed)} could not be erased")


def _meant(options: Options, session: str | None, device: str | None) -> Logs:
    """Return the logs that are meant: one, those of a roller, or all, also those that cannot be read."""
    from glowtool.app.logs.traces import Logs, is_of, logs_of
    from glowtool.store.catalogue import list_sessions, resolve
    from glowtool.store.rollers.massages import find_massage, list_massages

    if device is not None:
        return logs_of(options, is_of(_named(options, device)))
    if session is None:
        every = list_massages(options.massages_dir)
        sessions = tuple(entry.session_id for entry in list_sessions(options.logs_dir))
        return Logs(sessions, tuple(entry.massage_id for entry in every))
    massage = find_massage(options.massages_dir, session)
    if massage is not None:
        return Logs((), (massage.massage_id,))
    return Logs((resolve(options.logs_dir, session).name,))


def _named(options: Options, device: str) -> KnownRoller:
    """Return the roller that is meant: a known one, or one that was forgotten, by its address or serial number."""
    from datetime import UTC, datetime

    from glowtool.store.rollers.registry import DeviceRegistry, KnownRoller

    try:
        return DeviceRegistry(options.root).find(device)
    except DeviceNotFoundError:
        return KnownRoller(address=device, name=device, serial=device, last_seen_utc=datetime.now(UTC))


def duration_s(manifest: Manifest) -> float | None:
    """Return the time from the beginning of the first step to the end of the last, None without any."""
    if not manifest.steps:
        return None
    return (manifest.steps[-1].end_us - manifest.steps[0].start_us) / 1e6


def seconds(manifest: Manifest) -> str:
    """Return the duration of a session as people read it."""
    from glowtool.cli.terminal.text import duration_text

    found_s = duration_s(manifest)
    return "–" if found_s is None else duration_text(found_s)


def _wrong_with(folder: Path) -> tuple[str, ...]:
    """Return what is wrong with a log, in sentences; empty when all of it is whole."""
    from glowtool.analysis.log import recording_of
    from glowtool.store.damage import damage_told
    from glowtool.store.log import SessionLog

    try:
        log = SessionLog.open(folder)
        recording_of(log)
    except StoreError as error:
        return (str(error),)
    return damage_told(log.manifest, log.unreadable_events)
