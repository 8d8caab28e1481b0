"""On BlueZ, a bond that the peer has lost is recognised by how its connections end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.link.bluez.bond.stale_bond import DROPS, ConnectionWatch

UP, DOWN, RESOLVED = {"Connected": True}, {"Connected": False}, {"ServicesResolved": True}


def watch_of(*changes: dict[str, bool]) -> ConnectionWatch:
    watch = ConnectionWatch()
    for change in changes:
        watch.on_properties(change)
    return watch


def test_connections_that_end_one_after_another_are_a_refused_bond() -> None:
    assert not watch_of(*(UP, DOWN) * (DROPS - 1), UP).refused
    assert watch_of(*(UP, DOWN) * DROPS).refused


def test_a_connection_that_came_about_begins_the_count_anew() -> None:
    assert not watch_of(*(UP, DOWN) * (DROPS - 1), UP, RESOLVED, DOWN, UP, DOWN).refused


def test_the_end_of_a_connection_that_was_there_before_does_not_count() -> None:
    assert not watch_of(DOWN, *(UP, DOWN) * (DROPS - 1)).refused


@given(st.lists(st.sampled_from([UP, DOWN, RESOLVED, {"RSSI": True}])))
def test_it_takes_as_many_drops_whatever_else_changes(changes: list[dict[str, bool]]) -> None:
    drops = sum(change is DOWN for change in changes)

    assert drops >= DROPS or not watch_of(*changes).refused


@pytest.mark.parametrize(("reason", "refused"), [("Authentication", True), ("Timeout", False), ("Remote", False)])
def test_the_reason_that_later_versions_give(reason: str, refused: bool) -> None:
    watch = ConnectionWatch()
    watch.on_disconnected(f"org.bluez.Reason.{reason}")

    assert watch.refused is refused
