"""`glowtool safety`: what is safe for whom."""

from __future__ import annotations

import click

from glowtool.cli.commands.safety.screening import screening
from glowtool.cli.groups import SuggestingGroup


@click.group(cls=SuggestingGroup)
def safety() -> None:
    """Answer what is asked before the first output."""


safety.add_command(screening)
