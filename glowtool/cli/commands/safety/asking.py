"""The questions of the screening, at a terminal or from a pipe; each wants a yes or a no, and none has a default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool import app
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.asking.continuation import can_be_asked
from glowtool.cli.terminal.asking.questions import confirm, is_so, line_typed
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.errors import GlowtoolError, ScreeningError
from glowtool.model.output import Output
from glowtool.safety.screening import Consequence, Flag, Reply, screened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.cli.options import Options
    from glowtool.routine import Routine
    from glowtool.safety.screening import Question
    from glowtool.store.people.people import KnownPerson


def screen_first(options: Options, routine: Routine, *, silent: bool) -> None:
    """Ask whoever is meant what a routine's outputs need answered, if somebody is there to answer.

    Raises `ScreeningError` for an output that the person may not get, or when nobody can be asked.
    """
    place = options.place
    try:
        app.admitting.require_screened(app.who.meant(place), routine)
    except ScreeningError as error:
        if silent or not error.answerable or not can_be_asked():
            raise
        Printer(options).problem(f"{error.says}.")
        confirm("A few questions come first, once in three months. Answer them now?", default=True)
        known = someone(options)
        for output in app.admitting.outputs_of(routine):
            ask_open(options, known, output)
        app.admitting.require_screened(app.who.meant(place), routine)


def someone(options: Options) -> KnownPerson:
    """Return whoever is meant; where nobody is known yet, ask for a name and enter them."""
    place = options.place
    if place.person is None and not app.who.people_of(place).all():
        return app.keeping.enter(
            place, line_typed("Your name, or what you want to be called here:"), shown_by(Printer(options))
        )
    return app.keeping.chosen(place, place.person)


def ask_open(options: Options, known: KnownPerson, output: Output) -> None:
    """Ask what is not answered, or not lately, of the list of an output."""
    person, today = app.who.people_of(options.place).profile(known).person, app.who.today()
    found = screened(person.answers, output, today.toordinal())
    ask_all(options, known, (*found.unanswered, *found.outdated))


def ask_all(options: Options, known: KnownPerson, questions: Iterable[Question]) -> None:
    """Ask these questions and keep the answers; a yes is kept at once, whatever comes after it."""
    output, place, wanted = Printer(options), options.place, tuple(questions)
    if not wanted:
        return
    # A wrong passphrase or a full disk is told before nineteen questions, not after them.
    app.who.people_of(place).change(known, lambda profile: profile)
    output.problem(f"For {known.name}: is it so, or was it? The answers stay on this computer. Type y or n.")
    replies: dict[Flag, Reply] = {}
    for number, question in enumerate(wanted, 1):
        reply = _reply(f"{number}/{len(wanted)} {question.asks}?", question)
        replies[question.flag] = reply
        if reply is not Reply.NO:
            _keep_or_stop(options, known, {question.flag: reply})
            _stop_if_barred(options, known)
    app.keeping.answered(place, known, replies)


def stop_in_use(options: Options) -> bool:
    """Stop every roller in use, since nobody knows who is massaged with it; return whether there was one."""
    if not app.holding.holders(options.place):
        return False
    output = Printer(options)
    output.problem("A roller is in use. It is stopped, in case you are massaged with it.")
    run_async(options, app.stopping.stop(options.place, app.stopping.targets(options.place), shown_by(output)))
    return True


def _keep_or_stop(options: Options, known: KnownPerson, replies: dict[Flag, Reply]) -> None:
    """Keep an answer; where that fails, what runs is stopped, since nobody can tell whether the answer bars it."""
    try:
        app.keeping.answered(options.place, known, replies)
    except GlowtoolError:
        stop_in_use(options)
        raise


def _stop_if_barred(options: Options, known: KnownPerson) -> None:
    """Stop what runs as soon as an answer stands against an output: the next question may never be answered."""
    person, today = app.who.people_of(options.place).profile(known).person, app.who.today().toordinal()
    found = [screened(person.answers, output, today) for output in Output]
    if any(each.blocked_by or each.to_ask_about for each in found):
        stop_in_use(options)


def _reply(words: str, question: Question) -> Reply:
    if not is_so(words):
        return Reply.NO
    if Consequence.ASKS not in {question.consequence(output) for output in Output}:
        return Reply.YES
    agreed = is_so("    Did a doctor or another professional agree to your use of such a roller?")
    return Reply.AGREED if agreed else Reply.YES
