"""The three ways to watch a massage: a live view, lines for a pipe, JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.cli.live.json_lines import JsonLines
from glowtool.cli.live.lines import Lines, PlainLines
from glowtool.cli.terminal.outlet import dropped
from glowtool.session.news import Ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.cli.terminal.output import Printer
    from glowtool.model.event import JsonObject
    from glowtool.routine import Routine
    from glowtool.session.news import MassageNews, Publish


class Accounting:
    """Passes news on to a face that nobody may read: the massage goes on, and its log accounts for what was left out.

    `remark` notes there as soon as a line was left out, and at the end how many. A face that raises ends the massage:
    that rule is the session's.
    """

    def __init__(self, publish: Publish, remark: Callable[[JsonObject], None]) -> None:
        self._publish = publish
        self._remark = remark
        self._told = False

    def publish(self, news: MassageNews) -> None:
        """Pass it on."""
        try:
            self._publish(news)
        finally:
            self._account(ended=isinstance(news, Ends))

    def _account(self, *, ended: bool) -> None:
        left_out = dropped()
        if left_out and not self._told:
            self._told = True
            self._remark({"remark": "nobody reads what is shown"})
        if left_out and ended:
            self._remark({"remark": "not shown, since nobody read it", "lines": left_out})


def is_live(output: Printer, *, plain: bool) -> bool:
    """Return whether a live view shows the massage; `plain` asks for none."""
    if output.json or plain:
        return False
    console = output.console()
    return console.is_terminal and not console.is_dumb_terminal and not console.legacy_windows


def written(output: Printer, routine: Routine, *, plain: bool = False) -> Publish:
    """Return the face that writes line by line: JSON for a program, words for a person; `plain`: to be heard."""
    if output.json:
        return JsonLines(output).publish
    return (PlainLines if plain else Lines)(output, routine).publish
