"""`glowtool completion`: print the completion of a shell, or install it for this user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool.cli.completion.install import MARK, SHELLS, install, remove, script
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.errors import UsageError

if TYPE_CHECKING:
    from glowtool.cli.completion.install import Installed


@click.command(short_help="Let the shell complete commands and names.")
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.option("--install", "installing", is_flag=True, help="Install it for this user, in every new shell.")
@click.option("--remove", "removing", is_flag=True, help="Remove what --install has installed.")
@pass_options
def completion(options: Options, shell: str, *, installing: bool, removing: bool) -> None:
    """Let the shell complete commands, options, and the names of routines, plans, rollers, people and logs.

    Without an option the script is printed: `eval "$(glowtool completion bash)"` takes it into this shell. --install
    writes it to a file, and for bash and zsh adds one line to .bashrc or .zshrc that reads it. With --json: {shell,
    script}, or with --install and --remove {shell, path, changed, startup}.
    """
    if installing and removing:
        raise UsageError("--install and --remove exclude each other", advice="give one of them")
    output = Printer(options)
    if not installing and not removing:
        text = script(shell)
        if output.json:
            output.json_object({"shell": shell, "script": text})
            return
        for line in text.splitlines():
            output.result(line)
        return
    done = install(shell) if installing else remove(shell)
    if output.json:
        output.json_object(_object(shell, done))
        return
    if removing:
        output.result(f"Removed: {done.path}" if done.changed else f"Nothing to remove: there is no {done.path}")
        return
    output.result(f"Installed: {done.path}")
    if done.startup is not None:
        output.result(f"{done.startup} reads it, by the line that ends in {MARK!r}.")
    output.note(f"It works in every {shell} that is started from now on.")


def _object(shell: str, done: Installed) -> dict[str, object]:
    return {
        "shell": shell,
        "path": str(done.path),
        "changed": done.changed,
        "startup": None if done.startup is None else str(done.startup),
    }
