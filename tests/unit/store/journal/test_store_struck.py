"""What stays of a log whose roller is unlinked is as it was: numbers, and sentences about another roller."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from glowtool.app.logs.kept import READERS
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.store.erasure.forget import forget_roller
from glowtool.store.erasure.unnamed import RollerNames
from glowtool.store.journal.struck import struck_text
from glowtool.store.logs.log import SessionLog
from glowtool.store.rollers.massages import Massages
from glowtool.store.tables.finish import finish
from support.logs.sessions import ENDED, record
from support.logs.streams import START_US

if TYPE_CHECKING:
    from pathlib import Path

#: A roller that has nothing to do with the log.
OTHER = ("C0:00:00:00:00:09", "GR1000009999")


@pytest.mark.parametrize("first", [1234567, 123456, 9123456])
def test_a_serial_number_of_digits_is_struck_out_of_no_number(first: int) -> None:
    text = f'{{"count":10,"first_sample":{first},"of":[123456],"reason":"123456 is gone"}}'
    told = json.loads(struck_text(text.encode(), RollerNames.of_those(numbers=("123456",))))
    assert told == {"count": 10, "first_sample": first, "of": [123456], "reason": "****** is gone"}


@pytest.mark.parametrize("alias", ["1", "left", "connection"])
def test_a_log_of_another_roller_keeps_its_sentences(tmp_path: Path, alias: str) -> None:
    journal, checkpoint = record(tmp_path, 1)
    said = "attempt 1 of 8 failed on the left: the connection was lost"
    journal.append_event(Event(START_US + 900_000, EventKind.LINK, {"because": said}))
    journal.close(checkpoint)
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    before = {path.name: path.read_bytes() for path in journal.folder.iterdir()}
    names = RollerNames.of_those(numbers=OTHER, words=(alias,))
    forget_roller(tmp_path, Massages(tmp_path / "massages", READERS), lambda *_: False, names)
    assert {path.name: path.read_bytes() for path in journal.folder.iterdir()} == before
    assert said in [event.data.get("because") for event in SessionLog.open(journal.folder).events()]


def test_a_manifest_that_cannot_be_read_stays_unless_it_has_a_number_of_the_roller(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 1)
    journal.close(checkpoint)
    path = journal.folder / "manifest.json"
    foreign = path.read_text("utf-8").replace('"format_version": 1', '"format_version": 99')
    path.write_text(foreign, "utf-8")
    names = RollerNames.of_those(numbers=OTHER, words=("device", "glow"))
    forget_roller(tmp_path, Massages(tmp_path / "massages", READERS), lambda *_: False, names)
    assert path.read_text("utf-8") == foreign
