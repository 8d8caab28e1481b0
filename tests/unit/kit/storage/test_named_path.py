"""A path that a person names is taken as a shell would take it, or refused at once."""

from __future__ import annotations

import os
import string
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from glowsim.console.commands import cli as glowsim
from glowtool.cli.app import run
from glowtool.errors import InputError
from glowtool.kit.storage.named_path import named_path

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSED = ["", " ", "file:x", "s3:x", "s3://bucket/x", "file:///tmp/x", "C2:x", "~nobody-of-that-name/x", "a\0b"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GLOWTOOL_DATA_DIR", raising=False)
    yield tmp_path
    assert not (tmp_path / "~").exists()
    assert [path for path in tmp_path.iterdir() if ":" in path.name] == []


def test_a_home_is_put_in_and_everything_is_absolute(here: Path) -> None:
    assert named_path("~/glow", "x") == here / "home/glow"
    assert named_path("glow", "x") == here / "glow"
    assert named_path("./file:x", "x") == here / "file:x"
    assert named_path("a/s3:x", "x") == here / "a/s3:x"
    assert named_path("/a b/~c", "x") == Path("/a b/~c")


@pytest.mark.parametrize("text", REFUSED)
def test_what_libraries_would_take_for_something_else_is_refused(here: Path, text: str) -> None:
    with pytest.raises(InputError, match="the thing is"):
        named_path(text, "the thing")


@given(st.text(string.printable + "~:\0ü", max_size=12))
def test_whatever_is_named_is_an_absolute_path_or_refused(text: str) -> None:
    try:
        path = named_path(text, "x")
    except InputError:
        return
    assert path.is_absolute()
    assert str(path).startswith(os.sep)


@pytest.mark.parametrize("text", ["file:x", "s3:x", "~nobody-of-that-name/x"])
@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize("command", [("run", "first-glow", "--yes"), ("logs", "recover"), ("scan", "--adapter", "sim")])
def test_a_data_directory_is_refused_before_anything_starts(
    here: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], text: str, by_environment: bool
) -> None:
    if by_environment:
        monkeypatch.setenv("GLOWTOOL_DATA_DIR", text)
    with pytest.raises(SystemExit) as left:
        run([*command, *([] if by_environment else ["--data-dir", text])])
    assert left.value.code == 3
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--state-dir"),
        ("serve", "--port", "0", "--truth"),
        ("ctl", "status", "--state-dir"),
        ("record",),
        ("flash",),
    ],
    ids=" ".join,
)
def test_the_simulator_refuses_them_too(here: Path, arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(glowsim, [*arguments, "file:x"])
    assert isinstance(done.exception, InputError)
    assert list(here.iterdir()) == []


def test_an_export_goes_where_a_shell_would_have_put_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("file:x", "~nobody-of-that-name/x"):
        with pytest.raises(SystemExit) as left:
            run(["--data-dir", "data", "logs", "export", "last", "-o", text])
        assert left.value.code in {3, 18}
