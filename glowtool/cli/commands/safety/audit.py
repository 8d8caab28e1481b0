"""`glowtool safety audit`: what was ordered, refused, held back and stopped; and the proof that no line was touched."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.errors import LogDamagedError
from glowtool.kit.text.local_time import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.app.ledger.proving import AuditLine, Proven


@click.group(cls=SuggestingGroup, invoke_without_command=True, short_help="List the audit; `verify` proves it.")
@click.option("--last", default=30, show_default=True, type=click.IntRange(1), help="So many of the last lines.")
@pass_options
def audit(options: Options, last: int) -> None:
    """List what was ordered, refused, held back, stopped and answered, the latest last.

    With --json: {lines: [{number, at_utc, kind, person, roller, data}]}; a person or roller that is not known any more
    is null. docs/reference/ledger.md tells the kinds.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    output, place = Printer(options), options.place
    lines = app.proving.audit_lines(place, last)
    names = app.pseudonyms.known_people(place) if lines else {}
    rollers = app.pseudonyms.known_rollers(place) if lines else {}
    if output.json:
        output.json_object({"lines": [_object(each, names, rollers) for each in lines]})
        return
    if not lines:
        output.note("The audit has no line yet.")
        return
    output.table(
        ("Line", "When", "What", "Who", "Roller", "More"),
        [_row(each, names, rollers) for each in lines],
        whole=frozenset({0, 1, 2}),
    )


@audit.command(short_help="Prove that no line of audit and ledger was touched.")
@pass_options
def verify(options: Options) -> None:
    """Prove that audit and ledger are as they were written, and name the first line of each that is not.

    The seal of the last line stands for all lines before it: keep it elsewhere, and compare it later. With --json:
    {files: [{path, lines, seal, whole, first, why, aside}]}; first is the number of the first line that was altered,
    removed or inserted, why says what is wrong, and aside lists files that were set aside earlier.
    """
    output = Printer(options)
    proven = [each for each in app.proving.prove(options.place) if each.lines or each.why]
    if output.json:
        output.json_object({"files": [_proof_object(each) for each in proven]})
    for each in proven:
        count = f"{each.lines} {'line' if each.lines == 1 else 'lines'}"
        output.result(f"{each.path}: {each.why or f'{count}, whole; the last seal is {each.seal}'}")
        for path in each.aside:
            output.note(f"  {path} was set aside earlier")
    if not proven:
        output.note("There is neither an audit nor a ledger yet.")
    bad = [each for each in proven if not each.whole]
    if bad:
        raise LogDamagedError(f"{len(bad)} of {len(proven)} files are not as they were written")


def _row(line: AuditLine, names: Mapping[str, str], rollers: Mapping[str, str]) -> tuple[str, ...]:
    who, roller, more = _parts(line, names, rollers)
    said = ", ".join(f"{key} {_said(value)}" for key, value in more.items() if value not in ("", None, []))
    return str(line.number), local_time(_moment(line.at_us)), line.kind, who or "–", roller or "–", said


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _object(line: AuditLine, names: Mapping[str, str], rollers: Mapping[str, str]) -> dict[str, object]:
    who, roller, more = _parts(line, names, rollers)
    at_utc = _moment(line.at_us).isoformat()
    return {"number": line.number, "at_utc": at_utc, "kind": line.kind, "person": who, "roller": roller, "data": more}


def _parts(
    line: AuditLine, names: Mapping[str, str], rollers: Mapping[str, str]
) -> tuple[str | None, str | None, dict[str, object]]:
    more = {key: value for key, value in line.data.items() if key not in ("person", "roller")}
    return names.get(str(line.data.get("person"))), rollers.get(str(line.data.get("roller"))), more


def _proof_object(proven: Proven) -> dict[str, object]:
    return {
        "path": str(proven.path),
        "lines": proven.lines,
        "seal": proven.seal,
        "whole": proven.whole,
        "first": proven.first,
        "why": proven.why,
        "aside": [str(path) for path in proven.aside],
    }


def _moment(time_us: int) -> datetime:
    return datetime.fromtimestamp(time_us / 1e6, UTC)
