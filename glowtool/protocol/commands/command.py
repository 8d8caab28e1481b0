"""The description of one command: the columns of the table of commands."""

from __future__ import annotations

import enum
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.model.state import Capability
from glowtool.protocol.commands.operands import NoOperands
from glowtool.protocol.wire import V1_0

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.model.state import State
    from glowtool.protocol.commands.refusals import Refusal
    from glowtool.protocol.commands.rules import Rule
    from glowtool.protocol.vocabulary import Result
    from glowtool.protocol.wire import Message, Version


_NOTHING: Final = Capability(0)


class Giver(enum.StrEnum):
    """Who may give a command."""

    ANY = "any bonded host"
    MASSAGE = "the massage's host"
    PROGRAM = "the program's host"


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands: `code` on the wire, what it `means`, and the states in which it is `legal`.

    - `operands` go with the request, and free bytes after them where it has a `tail`; `payload` comes with the answer
      of success; `rule` is what the request has to be beyond the ranges of its fields, and `later` what the roller
      refuses by what it holds or senses just then, in that order.
    - `since` is the version that brought it, and `wants` what a roller must be capable of to know it.
    - `after` has the states that a success leads out of, each with the one that it leads to.
    - `giver` may give it. A command that `stops` is carried out for every bonded host, and owed no subscription; one
      that `takes_over` makes a massage of nobody its host's.
    - `overtaken`: a stop drops it while it waits for its turn.
    - `refused` has the results that mean something more exact of this command: why it is refused, and what to do.
    """

    code: int
    means: str
    legal: frozenset[State]
    _: KW_ONLY
    operands: type[Message] = NoOperands
    tail: bool = False
    payload: type[Message] | None = None
    rule: Rule | None = None
    later: tuple[Refusal, ...] = ()
    since: Version = V1_0
    wants: Capability = _NOTHING
    after: Mapping[State, State] = field(default_factory=dict)
    giver: Giver = Giver.ANY
    stops: bool = False
    takes_over: bool = False
    overtaken: bool = False
    refused: Mapping[Result, tuple[str, str]] = field(default_factory=dict)
