"""The showing of mistakes in a text: each with the words around it and a caret below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import RoutineError
from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from glowtool.problem import Problem

#: Columns of a text that are shown around a mistake.
_BEFORE: Final = 30
_SHOWN: Final = 70


def text_error(text: str, problems: tuple[Problem, ...]) -> RoutineError:
    """Return the error that shows every mistake in a text and says what to do next."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    listed = [line for problem in problems for line in _shown(text, problem)]
    advice = "change the text; `glowtool routines schema --text` explains the words"
    return RoutineError(f"the text is not a routine that can run: {count}", problems=problems).listing(*listed, advice)


def _shown(text: str, problem: Problem) -> tuple[str, ...]:
    if problem.column is None:
        return (f"  {problem}",)
    at = problem.column - 1
    begin = 0 if len(text) <= _SHOWN else max(0, min(at - _BEFORE, len(text) - _SHOWN))
    end = min(len(text), begin + _SHOWN)
    cut = "…" if begin else ""
    before = cut + visible(text[begin:at])
    return (
        f"  {problem}",
        f"    {before}{visible(text[at:end])}{'…' if end < len(text) else ''}",
        f"    {' ' * len(before)}^",
    )
