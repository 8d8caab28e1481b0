"""The words for every ending of a log need no explanation."""

from __future__ import annotations

import pytest

from glowtool.model.ending import Ending, MassageEnd
from glowtool.store.ending_words import ending_words
from glowtool.store.tables.state import LogState

JARGON = {"interlock", "program", "host", "link", "refused", "crashed"}


@pytest.mark.parametrize("name", [*Ending, *LogState, *(end.name.lower() for end in MassageEnd), "power_lost"])
def test_an_ending_is_said_without_jargon(name: str) -> None:
    words = ending_words(name)
    assert "_" not in words
    assert not JARGON & set(words.split())


def test_an_ending_of_a_later_version_is_shown_as_it_is() -> None:
    assert ending_words("taken_by_aliens") == "taken by aliens"
