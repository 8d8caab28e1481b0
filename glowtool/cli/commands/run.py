"""`glowtool run`: run a routine on a roller, from the check before the first byte to the summary after the last."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli import live
from glowtool.cli.capture_option import capture_option
from glowtool.cli.change_options import change_options
from glowtool.cli.commands.safety.asking import screen_first
from glowtool.cli.cues.options import cue_options
from glowtool.cli.options import Options, pass_options
from glowtool.cli.result import print_notes, print_place, result_object
from glowtool.cli.routine_argument import routines_argument
from glowtool.cli.runtime import run_async
from glowtool.cli.steering.hand import Hand
from glowtool.cli.steering.key_line import keys_sentence
from glowtool.cli.summary import print_summary
from glowtool.cli.terminal.asking.continuation import Asker, can_be_asked
from glowtool.cli.terminal.asking.questions import Terminal, remind
from glowtool.cli.terminal.keyboard import keyboard_here
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.outlet import never_wait
from glowtool.cli.terminal.output import Printer
from glowtool.cli.terminal.text import duration_text
from glowtool.errors import UsageError
from glowtool.model.ending import Ending
from glowtool.session.decide.resumption import OnLoss

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from glowtool.app.measuring.capturing import Capture
    from glowtool.app.rows.row import Change
    from glowtool.cli.cues.options import Senses
    from glowtool.routine import Routine
    from glowtool.session.news import Publish
    from glowtool.session.plan import SessionResult
    from glowtool.store.rollers.known import KnownRoller


@click.command(short_help="Run a routine and keep a log.")
@routines_argument
@click.option("--on", "device", metavar="DEVICE", help="The roller, where it could be taken for a routine.")
@change_options
@click.option("--yes", is_flag=True, help="Start without asking whether everything is ready; a script is not asked.")
@click.option(
    "--on-loss",
    "on_loss",
    type=click.Choice([each.value for each in OnLoss]),
    help="What to do when a lost connection is made again. Default: ask at a terminal, else stop.",
)
@cue_options
@capture_option
@pass_options
def run(
    options: Options,
    routines: tuple[str, ...],
    device: str | None,
    *,
    yes: bool,
    on_loss: str | None,
    senses: Senses,
    change: Change,
    capture: Path | None,
) -> None:
    """Run a routine on a roller and keep a log, or several in a row.

    The last of several words is the DEVICE, unless a routine is called so; it may be left out when one roller is known,
    or a default is set. Of several routines each is a massage of its own, with its own question at a terminal and its
    own log; the whole row is held against the limits before the first byte is sent, and a massage that is not completed
    ends it.

    Ctrl-C, SIGTERM or a closed terminal: outputs are zero at once, the log is finished, the summary is printed. Ctrl-C
    twice: glowtool leaves at once, and the roller stops by itself.

    At a terminal, keys steer the massage, and one line shows them: q stops, x is an emergency stop that latches, p or
    space pauses, - is quieter, c switches the current off, m marks the moment, each at once; r goes on, + is stronger,
    n goes to the next step, e lengthens this one by 30 s, each when Enter follows. `tell` does the same from another
    terminal.

    When the connection is lost, the roller stops by itself and glowtool connects again. --on-loss says whether the
    massage then stops, resumes with the interrupted step, or asks you. It always starts softly.

    The full live view needs 80 × 24 characters; down to 40 × 10 it still shows the warning and how to stop. Slow
    readers do not hold up the massage: lines that nobody reads are left out and counted; the log has them all.

    With --json: one object a line with a "type" of stepped, began, event, meter, link, cue, advice, cell, steered,
    ending, dropped ({lines}), and last, for each massage, {type: "result", session_id, path, ending, reason, confirmed,
    stop_ms, losses, counters, summary}.
    """
    output, silent = Printer(options), yes or options.json
    policy = policy_on_loss(on_loss, someone=can_be_asked() and not options.json)
    names, device = app.row.parted(options.place, routines, device)
    row = app.row.row_of(options.place, names, change)
    for warning in app.row.check(row):
        output.note(f"Warning: {warning}")
    known = app.finding.known_roller(options.place, device)
    for routine in row:
        screen_first(options, routine, silent=silent)
    app.limits.require_in_bounds(options.place, row)
    for warning in app.limits.battery_warnings(row, known):
        output.note(f"Warning: {warning}")
    with app.capturing.capturing(capture, shown_by(output)) as taker:
        for number, routine in enumerate(row):
            place_in_row = f"{number + 1} of {len(row)}: " if len(row) > 1 else ""
            _ask_ready(options, routine, place_in_row, yes=silent)
            if not number:
                never_wait(as_json=options.json)
            if place_in_row and silent:
                output.note(f"Routine {place_in_row}{routine.title}")
            ending = _run_one(options, output, routine, known, policy, senses=senses, capture=taker)
            if ending is not Ending.COMPLETED and number + 1 < len(row):
                output.note("The massage was not completed, so the rest of the row is not run.")
                break


def _run_one(
    options: Options,
    output: Printer,
    routine: Routine,
    known: KnownRoller,
    policy: OnLoss,
    *,
    senses: Senses,
    capture: Capture | None,
) -> Ending:
    """Run one routine and report it; raise the problem with which it ended."""
    is_live = live.views.is_live(output, plain=_plain(options))
    keyboard = keyboard_here(live=is_live)
    with keyboard.held():
        asker = Asker(keyboard, echo=not is_live, redraws=not options.plain)
        result = run_async(
            options, _run(options, output, routine, known, policy, asker=asker, senses=senses, capture=capture)
        )
        try:
            _report(output, result)
        except Exception as error:
            error.add_note(result.standstill)
            raise
    if result.problem is not None:
        raise result.problem
    return result.ending


def _ask_ready(options: Options, routine: Routine, place_in_row: str, *, yes: bool) -> None:
    """Remind a person at a terminal of clean hands and a clean tool, and of what holds the outputs back today."""
    output, who = Printer(options), app.who.meant(options.place)
    if routine.uses_microcurrent and app.who.starts_gently(who):
        most = app.who.bounds_now(options.place, who)
        output.note(f"Gentle start: at most {most.peak_ua:g} µA and {100 * most.amplitude:.0f} % vibration today.")
    if yes:
        return
    if said := app.cleaning.reminder(who):
        output.note(f"{said} `glowtool person cleaned` notes it.")
    gel = " Gel on?" if routine.uses_microcurrent else ""
    remind(
        f"{place_in_row}{routine.title}, {duration_text(routine.duration_s)}. Clean hands, clean tool?{gel} Start",
    )


def policy_on_loss(wanted: str | None, *, someone: bool) -> OnLoss:
    """Return what to do on a loss: as `wanted`, else ask if somebody can answer; `UsageError` when nobody can."""
    if wanted is None:
        return OnLoss.ASK if someone else OnLoss.STOP
    if wanted == OnLoss.ASK and not someone:
        raise UsageError("--on-loss ask needs a person at a terminal, and no --json", advice="use stop or resume")
    return OnLoss(wanted)


def _plain(options: Options) -> bool:
    """Whether lines take the live view's place: asked for, output is quiet, or libraries log to the same terminal."""
    return options.plain or options.quiet or options.verbosity > 0


async def _run(
    options: Options,
    output: Printer,
    routine: Routine,
    known: KnownRoller,
    on_loss: OnLoss,
    *,
    asker: Asker,
    senses: Senses,
    capture: Capture | None,
) -> SessionResult:
    someone = can_be_asked() and not options.json
    asks = Terminal(asker, redraws=not options.plain) if someone else None
    wish = app.running.Wish(routine, on_loss, asks, buzz=senses.buzz, capture=capture)
    async with app.running.ready(options.place, known, wish, shown_by(output)) as massage:
        is_live = live.views.is_live(output, plain=_plain(options))
        hand = Hand(massage, None if is_live else output.note)
        keys = asker.listening(hand.take, lambda: hand.waiting) if someone else nullcontext()
        with asker.watched(), keys, _face(output, routine, known, asker, is_live=is_live, plain=options.plain) as face:
            if someone and not is_live:
                output.note(keys_sentence())
            with senses.beside(face, silent=options.json or options.quiet) as told:
                return await massage.run(live.views.Accounting(told, massage.remark).publish)


def _face(
    output: Printer, routine: Routine, known: KnownRoller, asker: Asker, *, is_live: bool, plain: bool
) -> AbstractContextManager[Publish]:
    if is_live:
        return live.picture.drawn(output, routine, known.spoken, asker)
    return nullcontext(live.views.written(output, routine, plain=plain))


def _report(output: Printer, result: SessionResult) -> None:
    """Print the summary of the log that was just finished."""
    log, summary = app.reporting.summary_of(result.path)
    if output.json:
        more = {"session_id": result.session_id, "path": str(result.path), "stop_ms": result.stop_ms}
        output.json_object(result_object(result, **more, summary=summary.to_json()))
        return
    print_summary(output, summary)
    print_notes(output, log, result.losses)
    if result.stop_ms is not None and result.ending is not Ending.COMPLETED:
        output.note(f"Outputs were confirmed zero {result.stop_ms:.0f} ms after the stop.")
    print_place(output, result.path)
