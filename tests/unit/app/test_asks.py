"""A missing answer to a question is never taken as a yes, in a pairing or in a massage."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import pytest

from glowtool.app.asks import GivenPasskey, GiveUpCheck, GoOn, Nobody, Question, Repair, SameDigits, UnansweredError
from glowtool.app.running import _asking
from glowtool.cli.terminal.asking.questions import Terminal
from glowtool.errors import PairingCancelledError

if TYPE_CHECKING:
    from glowtool.app.asks import Asks
    from glowtool.cli.terminal.asking.continuation import Asker

GO_ON = GoOn("the link", 3.0, 1, 4, 20.0, 60.0, 30.0)


class Keys:
    """Keys that say yes."""

    async def ask(self, question: object) -> bool:
        return question is GO_ON


@pytest.mark.parametrize("asks", [Nobody(), GivenPasskey(1), Terminal()], ids=lambda asks: type(asks).__name__)
async def test_where_nobody_answers_a_pairing_ends_and_a_massage_does_not_go_on(
    asks: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    questions: tuple[Question, ...] = (SameDigits(1), Repair("Desk"), GO_ON)
    for question in questions:
        with pytest.raises(UnansweredError):
            await asks.yes(question)
    with pytest.raises(PairingCancelledError):
        await asks.typed(GiveUpCheck("Desk", "paired by passkey"))
    assert await _asking(asks)(GO_ON) is False


async def test_in_a_massage_the_keys_are_asked() -> None:
    assert await _asking(Terminal(cast("Asker", Keys())))(GO_ON) is True
    assert await GivenPasskey(42, Terminal(cast("Asker", Keys()))).yes(GO_ON) is True
    assert await GivenPasskey(42).passkey() == 42
