"""The catalogue lists every session, finds the one that a person means, and loads nothing heavy for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from glowtool.errors import LogNotFoundError
from glowtool.model.ending import Ending
from glowtool.model.event import MEANING, EventKind
from glowtool.store.logs.catalogue import list_sessions, resolve
from glowtool.store.tables.finish import finish
from glowtool.store.tables.manifest import Manifest
from glowtool.stream.columns import STROKES
from pages.log_format import render
from support.logs.sessions import ENDED, record

FIRST = "20261120T080000Z-aaaaaa"
SECOND = "20261122T154100Z-3f9a1c"
THIRD = "20261122T200000Z-3f9a1d"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    for session_id in (FIRST, SECOND, THIRD):
        journal, checkpoint = record(folder, 3, session_id=session_id)
        journal.close(checkpoint)
        if session_id != THIRD:
            finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    return folder


def test_sessions_are_listed_oldest_first_the_damaged_ones_too(logs: Path) -> None:
    (logs / FIRST / "manifest.json").write_text("{}")
    listed = list_sessions(logs)
    assert [(entry.session_id, entry.finished) for entry in listed] == [(FIRST, False), (SECOND, True), (THIRD, False)]
    assert listed[0].problem is not None
    assert "session_id" in listed[0].problem


def test_a_folder_that_was_made_just_before_a_crash_is_no_session(logs: Path) -> None:
    known = list_sessions(logs)
    (logs / "20991231T000000Z-000000").mkdir()
    assert list_sessions(logs) == known


def test_no_folder_means_no_sessions(tmp_path: Path) -> None:
    assert list_sessions(tmp_path / "nothing") == ()
    with pytest.raises(LogNotFoundError, match=r"there is no log in .* yet"):
        resolve(tmp_path / "nothing", "last")


@pytest.mark.parametrize(
    ("text", "found"), [("last", THIRD), (FIRST, FIRST), ("20261120", FIRST), ("20261122t15", SECOND)]
)
def test_a_session_is_found_by_what_a_person_types(logs: Path, text: str, found: str) -> None:
    assert resolve(logs, text) == logs / found


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("20261122", "2 logs begin with '20261122': 20261122T154100Z-3f9a1c, 20261122T200000Z-3f9a1d"),
        ("20261122T154100Z-3f9a1x", "did you mean 20261122T154100Z-3f9a1c"),
        ("x", "`glowtool logs list` shows all"),
        ("", "`glowtool logs list` shows all"),
        ("../logs", "there is no log"),
    ],
)
def test_what_is_not_found_is_answered_with_what_there_is(logs: Path, text: str, answer: str) -> None:
    with pytest.raises(LogNotFoundError, match=answer):
        resolve(logs, text)


def test_the_page_of_the_format_names_everything_and_is_up_to_date() -> None:
    page = Path(__file__).parents[4] / "docs/reference/log-format.md"
    text = render()
    assert page.read_text(encoding="utf-8") == text, "run `make docs`"
    assert set(MEANING) == set(EventKind)
    shown = [name for name, item in Manifest.model_fields.items() if not item.exclude]
    for name in (*shown, *EventKind, *(item.name for item in STROKES), "pressure_l_kpa"):
        assert f"| `{name}` |" in text


def test_listing_logs_does_not_load_arrow() -> None:
    code = (
        "import sys, glowtool.store.logs.catalogue, glowtool.store.rollers.registry; sys.exit('pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


def test_the_name_of_a_folder_of_ones_own_means_no_log_that_begins_with_it(logs: Path) -> None:
    (logs / "20261122T15").mkdir()
    with pytest.raises(LogNotFoundError, match="is not a log"):
        resolve(logs, "20261122T15")
    assert resolve(logs, "20261122T154") == logs / "20261122T154100Z-3f9a1c"
