"""The refusals of a GR-1 in words: which command, why, in which state, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.device.refusals import EXPLANATIONS, CommandLackingError, RefusedError
from glowtool.drivers.gr1.commands.answers import answer_in
from glowtool.model.answer import Reason
from glowtool.model.names import key_of, words_in
from glowtool.model.state import State
from glowtool.protocol.commands.command import Giver

if TYPE_CHECKING:
    from glowtool.protocol.commands.codec import ResponseHead
    from glowtool.protocol.commands.opcode import Opcode
    from glowtool.protocol.status import Feature

#: Of a program, the same answer means something else.
_NOT_YOUR_PROGRAM: Final = (
    "another computer or phone loaded its program",
    "load one of your own, as `glowtool run` does",
)

#: In these states the state itself is the reason, whatever the command.
_STATE_ADVICE: Final[dict[State, str]] = {
    State.LATCHED: "the emergency stop is latched; once it is safe, run `glowtool rearm`",
    State.LOCKED: "take the roller off the charger, or wait until its update is done",
    State.FAULT: "switch the roller off and on; if the fault stays, it needs repair",
}


def require_known(opcode: Opcode, feature: Feature) -> None:
    """Return if a roller with this feature knows the command; else raise `CommandLackingError`."""
    wanted, has = opcode.command, feature.version
    lacking = [flag.name for flag in wanted.wants if flag not in feature.capabilities and flag.name]
    if has >= wanted.since and not lacking:
        return
    without = f" without the capability {' and '.join(lacking)}" if has >= wanted.since else ""
    raise CommandLackingError(
        f"the roller does not know “{opcode.spoken}” ({wanted.means}): it speaks protocol {has}{without}, and the "
        f"command came with {wanted.since}",
        advice="update the firmware of the roller",
    )


def refused(opcode: Opcode, head: ResponseHead) -> RefusedError:
    """Return the error for a command that the roller refused."""
    answer = answer_in(head)
    reason = answer.refusal or Reason.UNKNOWN
    why, advice = opcode.command.refused.get(head.result) or EXPLANATIONS[reason]
    if reason is Reason.NOT_FROM_THIS_HOST and opcode.command.giver is Giver.PROGRAM:
        why, advice = _NOT_YOUR_PROGRAM
    if reason in {Reason.WRONG_STATE, Reason.LOCKED}:
        advice = _STATE_ADVICE.get(head.state, advice)
    held = f", held back by {', '.join(words_in(head.interlocks))}" if head.interlocks else ""
    says = (
        f"the roller refused “{opcode.spoken}” ({opcode.command.means}): {why} "
        f"({head.result.name}; state {key_of(head.state)}{held})"
    )
    return RefusedError(says, answer, advice=advice)
