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
    """The hosts that may give a command."""

    ANY = "any bonded host"
    MASSAGE = "the massage's host"
    PROGRAM = "the program's host"


class Effect(enum.Enum):
    """What a command brings about, as far as a gate must judge it before it is sent."""

    HARMLESS = enum.auto()
    """It brings no program and starts none; beside the program it raises no output and adds no time."""
    BEGINS_UPLOAD = enum.auto()
    CARRIES_PIECE = enum.auto()
    ENDS_UPLOAD = enum.auto()
    """The upload becomes the program that the roller holds."""
    STARTS = enum.auto()
    RESUMES = enum.auto()
    STORES = enum.auto()
    """The program can be started without a host."""
    LENGTHENS = enum.auto()
    CUTS = enum.auto()
    """It ends the step in progress early; whether the next one may begin, the roller alone knows."""
    SCALES = enum.auto()
    SETS = enum.auto()
    """It sets what the roller holds its outputs to."""


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands: `code` on the wire, what it `means`, and the states in which it is `legal`.

    - `effect` is what a gate judges it by. It has no default, so that nobody adds a command and forgets the gate.
    - `operands` go with the request, followed by free bytes if it has a `tail`; `payload` comes with the answer of
      success. `rule` restricts the request beyond the ranges of its fields. `later` lists the refusals that depend on
      what the roller holds or senses at that moment, in order.
    - `since` is the version that brought it; `wants` are the features that a roller needs to know it.
    - `after` maps each state that a success changes to the next state.
    - `giver` may give it. A command that `stops` is carried out for every bonded host, even without a subscription; one
      that `takes_over` makes an unowned massage its host's.
    - `overtaken`: a stop drops it while it waits for its turn.
    - `refused` has the results with a more exact meaning for this command: why it is refused, and what to do.
    """

    code: int
    means: str
    legal: frozenset[State]
    effect: Effect
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
