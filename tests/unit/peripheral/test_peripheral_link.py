"""Answers to a host wait in line with one unconfirmed at a time, and a connection keeps its deadlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from glowsim.peripheral.advertising.admission import PAIRING_S, STRANGER_S
from glowsim.peripheral.link import ANSWERS, CONFIRM_S, Link
from glowtool.protocol.commands.opcode import Opcode

if TYPE_CHECKING:
    from bumble.device import Connection


def _link() -> tuple[Link, list[bytes]]:
    sent: list[bytes] = []
    return Link(cast("Connection", None), lambda answer: _sends(sent, answer), 0.0), sent


def _sends(sent: list[bytes], answer: bytes) -> bool:
    sent.append(answer)
    return True


def test_an_answer_for_which_there_is_no_subscription_any_more_is_left_out_and_not_waited_for() -> None:
    wanted = False
    sent: list[bytes] = []
    link = Link(cast("Connection", None), lambda answer: wanted and _sends(sent, answer), 0.0)
    link.trusted = True
    link.answer(b"1")
    link.send_next(0.0)
    assert not link.overdue(CONFIRM_S)
    wanted = True
    link.answer(b"2")
    link.send_next(0.0)
    assert sent == [b"2"]


def test_one_answer_at_a_time_is_on_its_way() -> None:
    link, sent = _link()
    for answer in (b"1", b"2", b"3"):
        link.answer(answer)
        link.send_next(0.0)
    assert sent == [b"1"]
    link.confirm(0.1)
    assert sent == [b"1", b"2"]


def test_news_go_before_the_answers_in_line_and_what_follows_them_waits_for_their_confirmation() -> None:
    link, sent = _link()
    confirmed: list[str] = []
    link.answer(b"1")
    link.send_next(0.0)
    link.answer(b"2")
    link.tell(lambda: _sends(sent, b"news"), lambda: confirmed.append("news"))
    link.confirm(0.1)
    assert (sent, confirmed) == ([b"1", b"news"], [])
    link.confirm(0.2)
    assert (sent, confirmed) == ([b"1", b"news", b"2"], ["news"])
    link.confirm(0.3)
    assert confirmed == ["news"]


def test_a_host_that_confirms_nothing_can_still_stop_and_is_dropped_in_the_end() -> None:
    link, sent = _link()
    link.trusted = True
    heartbeat, stop = bytes((Opcode.HEARTBEAT, 1)), bytes((Opcode.STOP, 2))
    taken = 0
    while link.has_room_for(heartbeat):
        link.answer(heartbeat)
        link.send_next(1.0)
        taken += 1
    assert taken == ANSWERS + 1, "one on its way and the rest in line"
    assert link.has_room_for(stop)
    link.answer(stop)
    assert sent == [heartbeat]
    assert not link.overdue(CONFIRM_S)
    assert link.overdue(1.0 + CONFIRM_S)


def test_a_host_has_its_time_to_become_trusted_and_an_attempt_gives_it_again() -> None:
    link, _ = _link()
    assert not link.overdue(STRANGER_S - 1)
    assert link.overdue(STRANGER_S)
    link.grant_time(STRANGER_S - 1)
    assert not link.overdue(STRANGER_S + PAIRING_S - 2)
    assert link.overdue(STRANGER_S + PAIRING_S - 1)
    link.trusted = True
    assert not link.overdue(1e9)


@given(st.lists(st.booleans(), max_size=200))
def test_answers_leave_in_order_and_none_before_the_one_before_it_is_confirmed(acts: list[bool]) -> None:
    link, sent = _link()
    taken: list[bytes] = []
    confirmed = 0
    for number, answers in enumerate(acts):
        data = bytes((Opcode.HEARTBEAT, number))
        if answers and link.has_room_for(data):
            taken.append(data)
            link.answer(data)
            link.send_next(0.0)
        elif not answers and confirmed < len(sent):
            confirmed += 1
            link.confirm(0.0)
        assert len(sent) - confirmed <= 1
    assert sent == taken[: len(sent)]
