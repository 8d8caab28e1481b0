"""The three ways to watch a massage: a live view, lines for a pipe, JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.cli.live.json_lines import JsonLines
from glowtool.cli.live.lines import Lines
from glowtool.cli.terminal.outlet import dropped
from glowtool.model.event import Event, EventKind
from glowtool.session.news import Ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.cli.terminal.output import Printer
    from glowtool.model.event import JsonValue
    from glowtool.routine import Routine
    from glowtool.session.news import MassageNews, Publish


class Lasting:
    """Passes news on to a face. When the face cannot write any more, it asks once for the massage to be stopped.

    A massage that nobody can see is stopped by `stop` in an orderly way, and its log is finished, as when a person
    stops it. A massage that nobody reads goes on: `remark` notes in the log as soon as a line was left out, and at the
    end how many.
    """

    def __init__(
        self, publish: Publish, stop: Callable[[], None], remark: Callable[[dict[str, JsonValue]], None]
    ) -> None:
        self._publish = publish
        self._stop = stop
        self._remark = remark
        self._unread = False
        self._ends = False
        self._told = False

    def publish(self, news: MassageNews) -> None:
        """Pass it on."""
        if isinstance(news, Ends) or (isinstance(news, Event) and news.kind is EventKind.STOP):
            self._ends = True  # to stop twice would mean to leave at once
        self._pass(news)
        if isinstance(news, Ends) and dropped():
            self._remark({"remark": "not shown, since nobody read it", "lines": dropped()})

    def _pass(self, news: MassageNews) -> None:
        if self._unread:
            return
        try:
            self._publish(news)
        except OSError:
            self._unread = True
            if not self._ends:
                self._stop()
        if not self._told and dropped():
            self._told = True
            self._remark({"remark": "nobody reads what is shown"})


def is_live(output: Printer, *, plain: bool) -> bool:
    """Return whether a live view shows the massage; `plain` asks for none."""
    if output.json or plain:
        return False
    console = output.console()
    return console.is_terminal and not console.is_dumb_terminal and not console.legacy_windows


def written(output: Printer, routine: Routine) -> Publish:
    """Return the face that writes line by line: JSON for a program, words for a person."""
    return JsonLines(output).publish if output.json else Lines(output, routine).publish
