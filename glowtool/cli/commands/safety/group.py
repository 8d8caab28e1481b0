"""`glowtool safety`: what is safe for whom, what was had, and what is written down of it."""

from __future__ import annotations

import click

from glowtool.cli.commands.safety.audit import audit
from glowtool.cli.commands.safety.claim import claim
from glowtool.cli.commands.safety.ledger import ledger
from glowtool.cli.commands.safety.screening import screening
from glowtool.cli.commands.safety.status import status
from glowtool.cli.groups import SuggestingGroup


@click.group(cls=SuggestingGroup)
def safety() -> None:
    """Answer what is asked before the first output; see what was had, and what is left of the day."""


for command in (screening, status, ledger, claim, audit):
    safety.add_command(command)
