"""The command groups of `glowtool`: they know the synonyms that people type for its commands."""

from __future__ import annotations

from glowtool.cli.terminal.suggestions import MEANT
from glowtool.kit.command_line.command_group import HelpfulGroup


class SuggestingGroup(HelpfulGroup):
    """A group of commands of `glowtool`."""

    other_words = MEANT
