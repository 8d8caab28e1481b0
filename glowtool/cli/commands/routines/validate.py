"""`glowtool routines validate`: check routines before they are run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.errors import InputError, RoutineError, SafetyError
from glowtool.kit.text.spelled import shortened

if TYPE_CHECKING:
    from glowtool.errors import GlowtoolError

#: What a text is called in messages, which show its columns.
_TEXT: Final = "the text"


@click.command(short_help="Check routines before they are run.")
@click.argument("routines", metavar="NAME|FILE|TEXT…", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Refuse what gets a warning, too.")
@click.option("--mine", is_flag=True, help="Check against your screening and what is left of your day, too.")
@pass_options
def validate(options: Options, routines: tuple[str, ...], *, strict: bool, mine: bool) -> None:
    """Check routines: format, ranges, the safety rules, and whether they make sense.

    A routine is checked at full strength. With --mine it is checked as whoever is massaged would get it: within their
    own maximum, held against their screening and against what is left of their day, of whatever roller; `--person`
    names somebody else. Each line names the place in the file, what was found,
    what is allowed, why, and how to mend it. With --json: one line for each routine, {file, ok, problems: [text],
    warnings: [text], findings: [{severity, rule, path, line,
    column, step, title, what, value, allowed, reason, fix, suggestion}]}. Exit status 3: a format is wrong; 17: a
    safety rule is broken, or with --strict there is a warning.
    """
    report(options, Printer(options), routines, strict=strict, mine=mine)


def report(
    options: Options, output: Printer, routines: tuple[str, ...], *, strict: bool = False, mine: bool = False
) -> None:
    """Check routines and print what was found; raises the error of the first one that is refused."""
    check = app.checking.check_mine if mine else app.checking.check
    checks = [(word, check(options.place, word)) for word in routines]
    failures = [failure for word, each in checks if (failure := _told(output, word, each, strict=strict))]
    if failures:
        count = f"{len(failures)} of {len(routines)} routines" if len(routines) > 1 else "the routine"
        raise type(failures[0])(f"{count} cannot be run")


def _told(output: Printer, word: str, checked: app.checking.Checked, *, strict: bool) -> GlowtoolError | None:
    """Print what was found about one routine; return what it is refused with."""
    named = _TEXT if app.writing.is_text(word) else shortened(word)
    refused = checked.remarks if strict else checked.refused
    warnings = () if strict else checked.warnings
    if output.json:
        output.json_object(
            {
                "file": word,
                "ok": not refused,
                "problems": [_line(remark) for remark in refused],
                "warnings": [_line(remark) for remark in warnings],
                "findings": [remark.to_json() for remark in checked.remarks],
            }
        )
    else:
        for remark in refused:
            output.problem(f"{named}:{_place(remark)} error: {remark.words}")
        for remark in warnings:
            output.note(f"{named}:{_place(remark)} warning: {remark.words}")
        if not refused:
            output.result(f"{named}: in order{_with_warnings(len(warnings))}")
    if not refused:
        return None
    return RoutineError() if isinstance(checked.error, InputError) else SafetyError()


def _place(remark: app.checking.Remark) -> str:
    return f"{remark.where}:" if remark.where else ""


def _line(remark: app.checking.Remark) -> str:
    return f"{remark.where}: {remark.words}" if remark.where else remark.words


def _with_warnings(count: int) -> str:
    return {0: "", 1: ", with a warning"}.get(count, f", with {count} warnings")
