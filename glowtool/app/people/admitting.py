"""Whether a routine's outputs may be given to whoever is meant: what the screening says against it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.app.people.circumstances import require_possible, within
from glowtool.app.people.who import bounds_now, today
from glowtool.errors import ScreeningError
from glowtool.kit.text.visible import visible
from glowtool.model.output import Output
from glowtool.routine import compile_routine
from glowtool.safety.bounds import strictest
from glowtool.safety.screening import VALID_DAYS, screened
from glowtool.store.routines.load import builtin_names, load_routine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.app.people.who import Meant
    from glowtool.app.place import Place
    from glowtool.routine import Routine
    from glowtool.safety.limits import PersonalMax
    from glowtool.safety.screening import Question, Screened

_SCREEN: Final = "`glowtool safety screening` asks the questions"
_AGAIN: Final = "`glowtool safety screening --again`"


def admitted(place: Place, who: Meant, routine: Routine, lower: PersonalMax | None = None) -> PersonalMax:
    """Return the bounds in which a routine may be run on a person today; `lower` can only lower them.

    Raises `ScreeningError` for an output that the person may not get, `SafetyError` when less is left of the day than
    the routine takes, and `StoreError`.
    """
    require_screened(who, routine)
    bounds = strictest(bounds_now(place, who), lower)
    require_possible(routine, compile_routine(routine, bounds), within(bounds))
    return bounds


def outputs_of(routine: Routine) -> tuple[Output, ...]:
    """Return the outputs that a routine asks for, the one with the longer list of questions first."""
    asks = {
        Output.MICROCURRENT: any(step.microcurrent for step in routine.steps),
        Output.VIBRATION: any(step.vibration for step in routine.steps),
    }
    return tuple(output for output, wanted in asks.items() if wanted)


def require_screened(who: Meant, routine: Routine) -> None:
    """Raise `ScreeningError` when an output of a routine may not be given to this person today."""
    for output in outputs_of(routine):
        error = refusal(who, output)
        if error is not None:
            if output is Output.MICROCURRENT and refusal(who, Output.VIBRATION) is None:
                error.advise(_without_current(routine))
            raise error


def refusal(who: Meant, output: Output) -> ScreeningError | None:
    """Return why a person gets no such output today, and what to do; None when nothing is against it."""
    if who.known is None or who.person is None:
        if who.of_several:
            return ScreeningError(
                f"{who.of_several} people are known, and it is not said who is massaged, so there is no {output}",
                advice="name one with `--person NAME`, or make one the usual one with `glowtool person use NAME`",
            )
        return ScreeningError(f"nobody has been screened, so there is no {output}", advice=_SCREEN, answerable=True)
    found = screened(who.person.answers, output, today().toordinal())
    return None if found.allowed else _against(visible(who.known.name), found)


def _against(name: str, found: Screened) -> ScreeningError:
    output = found.output
    if found.blocked_by:
        return ScreeningError(
            f"{name} gets no {output}, since the screening says yes to: {_listed(found.blocked_by)}",
            advice=f"if that is no longer so, answer anew with {_AGAIN}",
        )
    if found.to_ask_about:
        return ScreeningError(
            f"{name} gets no {output} before a professional was asked about: {_listed(found.to_ask_about)}",
            advice=f"if a professional has agreed to the use of this roller, say so with {_AGAIN}",
        )
    if found.unanswered:
        says = f"{name} has not been screened for {output}, so there is none"
        return ScreeningError(says, advice=_SCREEN, answerable=True)
    says = f"the screening of {name} is older than {VALID_DAYS} days, so there is no {output}"
    return ScreeningError(says, advice=_SCREEN, answerable=True)


def _listed(questions: Sequence[Question]) -> str:
    return "; ".join(question.asks for question in questions)


def _without_current(routine: Routine) -> str:
    """Return what to run in place of a routine with current, in words."""
    names = builtin_names()
    variant = f"{routine.name}-vibration"
    if variant in names:
        return f"`glowtool run {variant}` is the same without current"
    others = [name for name in names if not load_routine(name).uses_microcurrent]
    return f"or run a routine without current, such as `glowtool run {others[0]}`" if others else ""
