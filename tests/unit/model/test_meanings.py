"""What people are told of a roller's state: a line for each member; versions are told where the wire is described."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from glowtool.model.state import CAPABILITIES, FAULTS, INTERLOCKS, STATES, Capability, Fault, Interlock, State
from glowtool.protocol.meanings import meaning_of

if TYPE_CHECKING:
    import enum
    from collections.abc import Mapping

    Kind = type[enum.IntEnum | enum.IntFlag]
    Table = Mapping[enum.IntEnum | enum.IntFlag, str]

#: Each kind with the model's words, and what the protocol page adds to them.
ALL: Final = pytest.mark.parametrize(
    ("kind", "table", "later"),
    [
        (State, STATES, {}),
        (Interlock, INTERLOCKS, {}),
        (Fault, FAULTS, {Fault.FIRMWARE: " (since 1.3)"}),
        (Capability, CAPABILITIES, {Capability.RECORDS: " (since 1.1)", Capability.KEYFRAMES: " (since 1.4)"}),
    ],
)


@ALL
def test_each_member_is_told_in_words_that_name_no_version(kind: Kind, table: Table, later: Table) -> None:
    assert list(table) == list(kind)
    assert not [words for words in table.values() if re.search(r"\d\.\d|since", words)]


@ALL
def test_the_protocol_page_says_the_same_and_what_came_later(kind: Kind, table: Table, later: Table) -> None:
    added = {member: meaning_of(member).removeprefix(table[member]) for member in kind}
    assert {member: words for member, words in added.items() if words} == later
