"""A failure in the roller's own handlers is reported although bumble catches it; a host's mistake is not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from bumble.hci import HCI_Packet

from glowsim.evidence.defects import note_defect, report_defects
from glowsim.scene.scenario import load
from glowtool.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def said() -> Iterator[list[str]]:
    logs = logging.getLogger("bumble"), logging.getLogger("glowsim.evidence.defects")
    before = [(log, log.handlers, log.propagate) for log in logs]
    lines: list[str] = []
    report_defects(lines.append)
    yield lines
    for log, handlers, propagate in before:
        log.handlers, log.propagate = handlers, propagate


def test_a_defect_that_was_answered_is_said_in_one_line(said: list[str]) -> None:
    try:
        load("nobody")
    except ScenarioError as error:
        note_defect("HEARTBEAT", error)
    (line,) = said
    assert "ScenarioError" in line
    assert "(HEARTBEAT, scene/scenario.py:" in line
    assert "FAULT" in line


def test_an_error_of_the_simulator_is_said_once(said: list[str]) -> None:
    for _ in range(2):
        try:
            load("nobody")
        except ScenarioError:
            logging.getLogger("bumble.gatt_server").exception("!!! Exception in handler:")
    (line,) = said
    assert line.startswith("a defect of the simulator: ScenarioError: there is no scenario 'nobody'")
    assert "(scene/scenario.py:" in line
    assert "in load)" in line


def test_what_bumble_cannot_read_is_a_hosts_affair(said: list[str]) -> None:
    try:
        HCI_Packet.from_bytes(b"\x04")
    except (IndexError, ValueError):
        logging.getLogger("bumble.host").exception("!!! error parsing packet from bytes")
    else:
        pytest.fail("bumble reads anything")
    logging.getLogger("bumble.device").error("no traceback at all")
    assert not said
