"""The table that completion is answered from, made of the declared commands: `docs/generate.py` writes `words.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from glowtool.cli.completion.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a parameter takes, by its name in the code: one word for one thing.
_BY_NAME: Final = {
    "adapter": Kind.TEXT,
    "data_dir": Kind.FOLDER,
    "device": Kind.ROLLER,
    "files": Kind.ROUTINE,
    "other": Kind.ROUTINE,
    "person": Kind.PERSON,
    "plan": Kind.PLAN,
    "routine": Kind.ROUTINE,
    "routines": Kind.ROUTINE,
    "session": Kind.SESSION,
    "target": Kind.FILE,
}

#: Parameters whose name says less than the command that takes them.
_BY_COMMAND: Final = {
    ("plan new", "name"): Kind.PLAN,
    ("plan show", "name"): Kind.PLAN,
    ("person use", "name"): Kind.PERSON,
    ("person show", "name"): Kind.PERSON,
    ("person export", "name"): Kind.PERSON,
    ("person erase", "name"): Kind.PERSON,
}
_LONGEST: Final = 70


def tree_of(command: click.Command, path: tuple[str, ...] = ()) -> dict[str, object]:
    """Return a command, its options and arguments, and the commands below it, as they are kept in the table."""
    context = click.Context(command, info_name=path[-1] if path else "glowtool")
    found: dict[str, object] = {"help": _line(command.get_short_help_str(200))}
    parameters = command.get_params(context)
    found["options"] = {
        name: _option(parameter, path)
        for parameter in parameters
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    arguments = [parameter for parameter in parameters if isinstance(parameter, click.Argument)]
    if arguments:
        found["arguments"] = [_takes(argument, path) for argument in arguments]
        found["many"] = arguments[-1].nargs == -1
    if isinstance(command, click.Group):
        children = ((name, command.get_command(context, name)) for name in command.list_commands(context))
        found["commands"] = {
            name: tree_of(child, (*path, name)) for name, child in children if child is not None and not child.hidden
        }
    return found


def _option(option: click.Option, path: tuple[str, ...]) -> dict[str, object]:
    said: dict[str, object] = {"help": _line(option.help or "")}
    if not option.is_flag and not option.count:
        said.update(_takes(option, path))
    if option.multiple or option.count:
        said["many"] = True
    return said


def _takes(parameter: click.Parameter, path: tuple[str, ...]) -> Mapping[str, object]:
    if isinstance(parameter.type, click.Choice):
        return {"takes": Kind.CHOICE.value, "choices": list(map(str, parameter.type.choices))}
    name = parameter.name or ""
    kind = _BY_COMMAND.get((" ".join(path), name)) or _BY_NAME.get(name)
    if kind is None:
        shown = (parameter.metavar or "").upper()
        kind = Kind.FILE if "FILE" in shown else Kind.FOLDER if "DIR" in shown else Kind.TEXT
    return {"takes": kind.value}


def _line(text: str) -> str:
    """Return the first sentence of a help, as short as a menu needs it."""
    first = " ".join(text.split()).split(". ", 1)[0].removesuffix(".")
    return first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1].rstrip()}…"
