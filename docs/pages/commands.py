"""The reference pages of the command line: exit statuses from the exception tree, commands from their declarations."""

from __future__ import annotations

from typing import Final

import click

from glowtool.cli.app import cli
from glowtool.cli.terminal.outlet import UNREAD_STATUS
from glowtool.errors import GlowtoolError

_ENDINGS: Final = """\
A question before something is lost or changed (`pair --repair`, `devices forget`, `logs erase`) is answered by a line
of standard input, from a terminal or a pipe, or beforehand by `--yes`. At the end of input nothing is done, and the
status is 2; after a no it is 130. From `pair` it is 13 both times. `run` and `button store` remind only a person at a
terminal, and never with `--json`: a script is not asked.

Any command ends with 130 after Ctrl-C (SIGINT), Ctrl-\\ (SIGQUIT), SIGTERM, or when its terminal is closed (SIGHUP).
If it uses a roller, it first sets the outputs to zero and ends in an orderly way. If it has not begun yet, it ends
silently. On a second signal it exits at once, and the roller stops by itself within a second.

While the Python interpreter itself starts, before it runs a line of glowtool, it answers a signal in its own way: it
ends by the signal, which a shell shows as 130 too, or for some milliseconds prints a traceback that names no file of
glowtool. Nothing has begun then, and nothing is left.

A shell makes the background jobs of a script ignore SIGINT and SIGQUIT. glowtool obeys both signals anyway, so
`kill -INT` stops a massage wherever it was started. Under `nohup`, closing the terminal ends nothing.
`glowsim serve` takes the same signals, switches its roller off, and ends with 0."""


def _tree(root: type[GlowtoolError]) -> list[type[GlowtoolError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _tree(child))]


def own_errors() -> list[type[GlowtoolError]]:
    """Return every exception class of the tree in `glowtool.errors`, parents first."""
    return [kind for kind in _tree(GlowtoolError) if kind.__module__ == GlowtoolError.__module__]


def render_exit_codes() -> str:
    """Return `docs/reference/exit-codes.md`."""
    rows: dict[int, tuple[str, list[str]]] = {0: ("it worked", [])}
    for kind in own_errors():
        rows.setdefault(kind.exit_code, (kind.meaning, []))[1].append(f"`{kind.__name__}`")
    rows[UNREAD_STATUS] = ("nobody read standard output to its end (SIGPIPE, as with other tools in a pipe)", [])
    lines = [
        "# Exit statuses",
        "",
        "Generated from the exception tree in `glowtool/errors.py` by `make docs`. With `--json` a failure also prints",
        '`{"error": {"kind", "message", "exit_status"}}` on standard output.',
        "",
        "| status | meaning | errors |",
        "| --- | --- | --- |",
        *(f"| {status} | {meaning} | {', '.join(names)} |" for status, (meaning, names) in sorted(rows.items())),
    ]
    return "\n".join([*lines, "", _ENDINGS]) + "\n"


def _walk(command: click.Command, path: tuple[str, ...]) -> list[str]:
    context = click.Context(command, info_name=" ".join(path), terminal_width=100, help_option_names=["-h", "--help"])
    parts = [f"## `{' '.join(path)}`", "", "```text", command.get_help(context).rstrip(), "```", ""]
    if isinstance(command, click.Group):
        names = command.list_commands(context)
        children = [(name, command.get_command(context, name)) for name in names]
        parts += [line for name, child in children if child is not None for line in _walk(child, (*path, name))]
    return parts


def render_commands() -> str:
    """Return `docs/reference/commands.md`: the help of every command, as it is printed."""
    head = [
        "# Commands",
        "",
        "Generated from the commands by `make docs`. The global options may stand before or after a command's name.",
        "",
    ]
    return "\n".join([*head, *_walk(cli, ("glowtool",))]).rstrip() + "\n"
