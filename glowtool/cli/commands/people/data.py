"""`glowtool person export | erase`: everything that is kept of a person, to take away or to remove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.asking.questions import confirm
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer

if TYPE_CHECKING:
    from glowtool.app.people.erasing import Erased


@click.command(short_help="Write out everything that is kept of a person.")
@click.argument("name", required=False)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="The file; else standard output.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@pass_options
def export(options: Options, name: str | None, target: Path | None, *, force: bool) -> None:
    """Write out everything that is kept of a person, as one JSON object.

    NAME may be left out for the person in use. It holds profile and screening, doses and plan, and a line for each log;
    `glowtool logs export` has the measurements of a log. The file is readable by you only. With --json: the same
    object on one line, or {path} for a file.
    """
    output = Printer(options)
    known = app.keeping.chosen(options.place, name or options.person)
    told = app.portrait.portrait_of(options.place, known)
    if target is not None and str(target) != "-":
        app.portrait.keep_portrait(told, target, force=force)
        if output.json:
            output.json_object({"path": str(target)})
        output.result(f"Written to {target}.")
    elif output.json:
        output.json_object(told)
    else:
        for line in app.portrait.portrait_text(told).splitlines():
            output.result(line)


@click.command(short_help="Erase everything of a person.")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_options
def erase(options: Options, name: str, *, yes: bool) -> None:
    """Erase a person: logs, doses, plan, screening and name.

    Nothing of them is left in the data folder, which is searched byte by byte afterwards. Lines of the audit stay under
    a pseudonym that then leads to nobody. What the person had today counts for everybody until midnight, as a figure
    without a name: to be entered anew gives no second dose. Copies elsewhere (exports, backups) are yours to remove.
    With --json: {name, erased, logs: [id], problems: [text], left: [path]}.
    """
    output, place = Printer(options), options.place
    known = app.keeping.chosen(place, name)
    found = app.erasing.logs_of_person(place, known)
    if not yes:
        also = f" with {found.spoken}" if found.spoken else ""
        confirm(f"Erase {known.name}{also}? This cannot be undone.", default=False)
    done = app.erasing.erase(place, known, shown_by(output))
    if output.json:
        said = {"logs": list(done.logs), "problems": list(done.problems), "left": list(done.left)}
        output.json_object({"name": known.name, "erased": True, **said})
    output.result(_sentence(known.name, done, found.spoken))
    for problem in done.problems:
        output.problem(problem)


def _sentence(name: str, done: Erased, logs: str) -> str:
    what = f"{name} is erased" + (f", with {logs}" if done.logs else "")
    if done.left:
        return f"{what}; these files still name the pseudonym: {', '.join(done.left)}."
    return f"{what}; no file of the data folder names them any more."
