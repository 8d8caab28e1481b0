"""Whatever is proposed to somebody who begins can be done now, with the rollers that are known and what they can do."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.model import GR1, MINI, Model
from glowtool.app.place import Place
from glowtool.app.rollers.finding import known_roller
from glowtool.errors import DeviceNotFoundError
from glowtool.model.state import Capability
from glowtool.routine import compile_routine
from glowtool.safety import Gate
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry
from glowtool.store.routines.load import builtin_names, load_routine
from support.house.proposed import complaint
from support.processes.console import Host

if TYPE_CHECKING:
    from pathlib import Path

#: What the reference hardware calls itself, a model without current, and one of which nothing is known but its number.
MODELS = {"GR-1": GR1, "GR-mini": MINI, "": MINI, "BR-7": MINI}

#: The known rollers by their models and names, and which of them is the default.
STATES: dict[str, tuple[list[tuple[str, str]], int | None]] = {
    "none": ([], None),
    "one": ([("GR-1", "GR-1 4F2A")], None),
    "one without current": ([("GR-mini", "GR-mini 0007")], None),
    "one of unknown abilities": ([("BR-7", "Brush")], None),
    "one that never said its model": ([("", "GR-1 4F2A")], None),
    "two": ([("GR-1", "GR-1 4F2A"), ("GR-mini", "GR-mini 0007")], None),
    "two of one name": ([("GR-mini", "it's `rm`"), ("GR-1", "it's `rm`")], None),
    "two and a default": ([("GR-1", "GR-1 4F2A"), ("GR-mini", "GR-mini 0007")], 1),
}

#: What a person may type who has no log yet.
WORDS = [
    ("start",), ("begin",), ("play",), ("massage",), ("logs", "list"), ("logs", "verify"), ("logs", "show"),
    ("analyze",), ("logs", "export", "-o", "x.csv"), ("logs", "verify", "last"), ("logs", "erase", "last", "--yes"),
    ("run",), ("button", "store"), ("routines", "show"),
]  # fmt: skip


@pytest.fixture
def host(tmp_path: Path, request: pytest.FixtureRequest) -> Host:
    host = Host(tmp_path / "data", "tcp:127.0.0.1:1")
    rollers, default = STATES[request.param]
    registry = DeviceRegistry(host.data_dir)
    for number, (model, name) in enumerate(rollers):
        seen = datetime(2026, 11, 29, 12, number, tzinfo=UTC)
        registry.remember(
            KnownRoller(address=address(number), name=name, serial=f"S{number}", model=model, last_seen_utc=seen)
        )
    registry.use(None if default is None else address(default))
    return host


def address(number: int) -> str:
    return f"C0:00:00:00:00:0{number}"


def works(command: str, host: Host) -> bool:
    """Tell whether a command is one that there is, complete, and can be carried out with the rollers that are known."""
    if complaint(command) is not None:
        return False
    _, verb, *more = shlex.split(command)
    place = Place(data_dir=host.data_dir)
    if verb == "pair":
        return not DeviceRegistry(host.data_dir).rollers()
    if verb != "run":
        return verb in {"routines", "logs"} or "--help" in more
    routine, *device = more
    if routine not in builtin_names():
        return False
    try:
        known = known_roller(place, *device)
    except DeviceNotFoundError:
        return False
    model: Model = MODELS[known.model]
    Gate(model.feature(Capability(0)).limits).admit(compile_routine(load_routine(routine)))
    return True


def proposed(text: str) -> list[str]:
    """Return the commands that a text proposes, less the one that it says has more to say of itself."""
    found = re.findall(r"`(glowtool (?:[^`']|'[^']*')+)`", text)
    return [command for command in found if not command.endswith("--help")]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
@pytest.mark.parametrize("host", STATES, indirect=True)
def test_what_is_proposed_works_now(host: Host, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    said = host.call_here(capsys, *words)
    commands = proposed(said.out + said.err)
    assert commands, said
    assert [command for command in commands if not works(command, host)] == []


@pytest.mark.parametrize("host", ["none"], indirect=True)
def test_without_a_roller_the_first_thing_is_to_pair_one(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("start",), ("logs", "list"), ("analyze",)):
        said = host.call_here(capsys, *words)
        assert "pair a roller first: `glowtool pair`" in said.out + said.err


@pytest.mark.parametrize("host", ["one"], indirect=True)
def test_with_the_reference_hardware_it_is_the_tutorial_s_routine(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    said = host.call_here(capsys, "logs", "list")
    assert said.err == "There is no log yet; `glowtool run first-glow` records one.\n"
    assert "the command for that is `glowtool run first-glow`" in host.call_here(capsys, "start").err


@pytest.mark.parametrize("host", ["none"], indirect=True)
def test_a_data_directory_that_tells_nothing_hides_no_advice(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.data_dir.mkdir(parents=True, exist_ok=True)
    (host.data_dir / "devices.json").write_text("{")
    assert "`glowtool run --help`" in host.call_here(capsys, "start").err
