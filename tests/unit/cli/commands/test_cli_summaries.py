"""The list of commands in a help says of each one, whole, what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from glowsim.console.commands import cli as glowsim
from glowtool.cli.app import cli as glowtool

if TYPE_CHECKING:
    from collections.abc import Iterator


def groups() -> Iterator[tuple[str, click.Group]]:
    for name, root in (("glowtool", glowtool), ("glowsim", glowsim)):
        yield name, root
        context = click.Context(root)
        inner = (root.get_command(context, word) for word in root.list_commands(context))
        yield from ((f"{name} {each.name}", each) for each in inner if isinstance(each, click.Group))


@pytest.mark.parametrize(("name", "group"), list(groups()), ids=[name for name, _ in groups()])
def test_no_summary_of_a_command_is_cut_off_at_80_columns(name: str, group: click.Group) -> None:
    # A group keeps the option of its first help, so the names are those that it has anyway.
    context = click.Context(group, info_name=name, terminal_width=80, help_option_names=["-h", "--help"])
    told = group.get_help(context).partition("Commands:")[2]
    assert told
    assert [line for line in told.splitlines() if line.rstrip().endswith(("...", "…"))] == []
