"""The command line keeps to its streams, exit statuses and JSON, and loads nothing heavy before it must."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click
import pytest

from glowtool.cli.app import cli
from glowtool.cli.failure import failure_of
from glowtool.cli.terminal.asking.passkey import parse_passkey
from glowtool.errors import GlowtoolError, UsageError
from glowtool.link import errors as link_errors
from pages.commands import own_errors
from support.processes.console import call_here

if TYPE_CHECKING:
    from support.processes.console import Said

ROOT = Path(__file__).parents[4]
GLOWTOOL = str(Path(sys.executable).with_name("glowtool"))
HEAVY = {"bleak", "bumble", "numpy", "scipy", "pyarrow", "pydantic", "rich", "asyncio"}


class Call(Protocol):
    """The type of the fixture `glowtool`."""

    def __call__(self, *arguments: str) -> Said: ...


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GLOWTOOL_ADAPTER", raising=False)
    monkeypatch.setenv("GLOWTOOL_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def glowtool(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    return partial(call_here, capsys)


def python(code: str, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=30,
    )
    return done.stdout


def shell(line: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GLOWTOOL_DATA_DIR": str(data_dir), "glowtool": GLOWTOOL}
    return subprocess.run(  # noqa: S603 - our own line
        ["/bin/bash", "-c", line], check=False, capture_output=True, text=True, env=environment, timeout=30
    )


def commands(command: click.Command = cli, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    children = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [path, *(leaf for name, child in children if child for leaf in commands(child, (*path, name)))]


@pytest.mark.parametrize(
    "code",
    [
        "import glowtool",
        "import glowtool.cli",
        "from glowtool.cli.app import run\ntry: run(['--help'])\nexcept SystemExit: pass",
        "from glowtool.cli.app import run\ntry: run(['--version'])\nexcept SystemExit: pass",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str) -> None:
    loaded = python(f"{code}\nimport sys; print(*sys.modules)").split()
    assert HEAVY.isdisjoint(loaded)


@pytest.mark.parametrize("path", commands(), ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_explains_itself(glowtool: Call, path: tuple[str, ...], option: str) -> None:
    said = glowtool(*path, option)
    assert said.status == 0
    assert said.out.startswith(f"Usage: {' '.join(('glowtool', *path))} ")
    assert said.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--json", "logs", "list"),
        ("logs", "--json", "list"),
        ("logs", "list", "--json"),
    ],
)
def test_global_options_stand_before_or_after_a_command(glowtool: Call, arguments: tuple[str, ...]) -> None:
    assert json.loads(glowtool(*arguments).out) == {"sessions": [], "massages": []}


def test_an_option_wins_over_the_environment(glowtool: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOWTOOL_DATA_DIR", str(tmp_path / "from-environment"))
    assert "from-environment" in glowtool("logs", "show").err
    assert "from-option" in glowtool("logs", "show", "--data-dir", str(tmp_path / "from-option")).err
    monkeypatch.setenv("GLOWTOOL_ADAPTER", "tcp:nonsense")
    said = glowtool("scan")
    assert "tcp:nonsense" in said.err
    assert said.status == 2


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("frobnicate",), 2, "no such command 'frobnicate'; the commands are scan, pair"),
        (("scna",), 2, "no such command 'scna'; did you mean 'scan'?"),
        (("logs", "lsit"), 2, "no such command 'lsit'; did you mean 'list'?"),
        (("--jsno",), 2, "--json"),
        (("run",), 2, "missing argument 'NAME|FILE|TEXT...'"),
        (("completion",), 2, "missing argument '{bash|zsh|fish}'; give one of bash, zsh, fish"),
        (("scan", "extra"), 2, "extra"),
        (("scan", "--timeout", "soon"), 2, "'soon' is not a valid number of seconds"),
        (("scan", "--adapter", "tcp:1"), 2, "tcp needs a host and a port"),
        (("pair", "--passkey", "12345"), 2, "six digits"),
        (("run", "no-such-routine"), 3, "there is no routine 'no-such-routine'"),
        (("run", "/"), 3, "it is a folder"),
        (("info",), 11, "`glowtool pair` pairs one"),
        (("run", "first-glow"), 11, "`glowtool pair` pairs one"),
        (("devices", "forget", "it"), 11, "no roller is known yet"),
        (("analyze",), 18, "there is no log"),
        (("logs", "export", "-o", "/dev/null"), 18, "there is no log"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_wrong_is_said_on_standard_error_and_to_programs_as_json(
    glowtool: Call, arguments: tuple[str, ...], status: int, words: str, as_json: bool
) -> None:
    said = glowtool(*arguments, *(["--json"] if as_json else []))
    assert said.status == status
    assert said.err.startswith("glowtool: ")
    assert words in said.err
    assert "Traceback" not in said.err
    if as_json:
        error = json.loads(said.out)["error"]
        assert error["exit_status"] == status
        assert words in error["message"]
    else:
        assert said.out == ""


def test_without_a_command_the_help_is_shown(glowtool: Call) -> None:
    said = glowtool()
    assert said.status == 2
    assert said.err.startswith("Usage: glowtool")
    assert said.out == ""


def test_exit_statuses_are_those_of_the_documented_table() -> None:
    page = (ROOT / "docs/reference/exit-codes.md").read_text("utf-8")
    documented = {
        name: int(row.split("|")[1])
        for row in page.splitlines()
        if row.startswith("| ") and row.split("|")[1].strip().isdigit()
        for name in re.findall(r"`(\w+)`", row)
    }
    assert documented == {kind.__name__: kind.exit_code for kind in own_errors()}
    for kind in own_errors():
        assert failure_of(kind("why")).status == documented[kind.__name__]
        assert failure_of(kind("why")).kind == kind.__name__


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (link_errors.LinkLostError("why"), "ConnectionLostError"),
        (link_errors.LinkTimeoutError("why"), "ConnectFailedError"),
        (link_errors.BondLostError("why"), "BondStaleError"),
    ],
)
def test_the_kind_of_a_failure_is_a_documented_one(error: GlowtoolError, kind: str) -> None:
    assert failure_of(error).kind == kind


def test_a_defect_is_owned_and_shown_only_when_asked_for(glowtool: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("glowtool.app.logs.listing.list_sessions", broken)
    said = glowtool("logs", "list")
    assert said.status == 1
    assert "internal error: ZeroDivisionError: oops" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in glowtool("-v", "logs", "list").err


def test_no_bluetooth_is_one_sentence(data_dir: Path) -> None:
    done = shell("DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent $glowtool scan --json", data_dir)
    assert done.returncode == 10
    assert json.loads(done.stdout)["error"]["kind"] == "AdapterUnavailableError"
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("glowtool: no Bluetooth adapter")
    assert "--adapter sim" in sentence


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("$glowtool devices list >&- 2>&-", 0),
        ("$glowtool devices list --json >&-", 18),
        ("$glowtool routines list >&-", 18),
        ("$glowtool --version >&-", 18),
        ("$glowtool --help >&- 2>&-", 18),
        ("$glowtool logs list <&- >&- 2>&-", 0),
        ("$glowtool routines list >/dev/full", 18),
        ("PYTHONIOENCODING=ascii $glowtool routines show first-glow", 0),
    ],
)
def test_streams_that_are_closed_full_or_poor_in_letters_end_a_command_quietly(
    data_dir: Path, line: str, status: int
) -> None:
    done = shell(line, data_dir)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert "internal" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("where", "status"), [(">&-", 18), (">/dev/full", 18), ("2>&-", 0), ("2>/dev/full", 0), ("<&- >&- 2>&-", 18)]
)
def test_streams_that_nobody_waits_for_end_as_quietly(data_dir: Path, where: str, status: int) -> None:
    code = """
import sys
from glowtool.cli import app
from glowtool.cli.terminal import outlet

def massage(_arguments):
    outlet.never_wait(as_json=False)
    sys.stderr.write('said\\n')  # at once, as `show` does: a second write would meet the error of the first
    print('result')
    return 0

app._call = massage
app.run([])
"""
    done = shell(f"{shlex.join([sys.executable, '-c', code])} {where}", data_dir)
    assert (done.returncode, "Exception ignored" in done.stderr) == (status, False)


@pytest.mark.parametrize("arguments", [("routines", "show", "first-glow"), ("--help",), ("logs", "list", "--json")])
def test_a_pipe_that_nobody_reads_ends_a_command_by_its_signal(data_dir: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            [GLOWTOOL, *arguments], check=False, stdout=writing, stderr=subprocess.PIPE, timeout=30
        )
    finally:
        os.close(writing)
    assert done.returncode == -signal.SIGPIPE
    assert done.stderr == b""


@pytest.mark.parametrize("command", [("scan",), ("pair",), ("info",), ("run", "first-glow"), ("devices", "list")])
def test_a_data_directory_that_is_a_file_is_named(glowtool: Call, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("no directory")
    said = glowtool(*command, "--adapter", "sim", "--data-dir", str(tmp_path / "file"))
    assert said.status == 18
    assert str(tmp_path / "file") in said.err


def test_messages_are_silenced_by_quiet_and_problems_are_not(glowtool: Call, tmp_path: Path) -> None:
    assert "no log yet" in glowtool("logs", "list").err
    assert glowtool("logs", "list", "--quiet").err == ""
    broken = tmp_path / "broken.toml"
    broken.write_text("name =")
    said = glowtool("--quiet", "routines", "validate", str(broken))
    assert f"{broken}:1: error: this is not TOML" in said.err
    assert said.status == 3


def test_validate_answers_for_each_file(glowtool: Call, tmp_path: Path) -> None:
    text = (ROOT / "glowtool/routine/library/first-glow.toml").read_text("utf-8")
    strong, temple = tmp_path / "strong.toml", tmp_path / "temple.toml"
    strong.write_text(text.replace("peak_ua = 80", "peak_ua = 800", 1), "utf-8")
    temple.write_text(text.replace("cheek-left", "temple-left", 1), "utf-8")
    said = glowtool("routines", "validate", str(strong), str(temple), "first-glow", "--json")
    first, second, third, failure = map(json.loads, said.out.splitlines())
    assert [first["ok"], second["ok"], third["ok"]] == [False, False, True]
    (problem,) = first["problems"]
    assert "peak_ua: 800 is not allowed" in problem
    (problem,) = second["problems"]
    assert "no current on the temples" in problem
    assert failure["error"]["exit_status"] == said.status == 3
    assert glowtool("run", str(temple)).status == 17


def test_a_question_that_nobody_answers_says_how_to_answer_it(
    glowtool: Call, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir).mkdir()
    roller = {"address": "AA:BB:CC:DD:EE:FF", "name": "GR-1 0042", "last_seen_utc": "2026-01-01T00:00:00Z"}
    (data_dir / "devices.json").write_text(json.dumps({"rollers": [roller]}))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    said = glowtool("devices", "forget", "GR-1 0042")
    assert said.status == 2
    assert "--yes answers it" in said.err
    assert "GR-1 0042" in glowtool("devices", "list").out


@pytest.mark.parametrize(("text", "passkey"), [("123456", 123456), (" 012 345\n", 12345), ("000000", 0)])
def test_a_passkey_is_six_digits(text: str, passkey: int) -> None:
    assert parse_passkey(text) == passkey


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345x", "-12345", "１２３４５６", "12.345"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(UsageError, match="six digits"):
        parse_passkey(text)
