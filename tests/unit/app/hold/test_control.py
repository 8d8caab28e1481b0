"""The control socket takes one request and gives one answer; other users can neither use it nor make it hang."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from glowtool.app.hold import control
from glowtool.app.hold.control import PATH_LIMIT, Stopped, ask, ask_to_stop, listening
from glowtool.app.hold.requests import ask_of, request_of
from glowtool.errors import ConnectFailedError, LinkError
from glowtool.kit.system.peer import Peer
from glowtool.session.wishes import EXTRA_S, Ask, By, Wish

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(asyncio, "start_unix_server"), reason="there are no such sockets here")

ZERO = Stopped(confirmed=True, stop_ms=41.5)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path that is short enough for a socket."""
    with TemporaryDirectory() as name:
        yield Path(name)


class Command:
    """A command that is stopped when it is told that its outputs are zero."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.zero = asyncio.Event()

    async def stop(self) -> Stopped:
        self.asked.set()
        await self.zero.wait()
        return ZERO


async def test_the_answer_comes_when_the_outputs_are_zero(folder: Path) -> None:
    command = Command()
    async with listening(folder / "s", command.stop) as path:
        assert path == folder / "s"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        asking = [asyncio.create_task(ask_to_stop(path, 60)) for _ in range(2)]
        await command.asked.wait()
        assert not any(task.done() for task in asking)
        command.zero.set()
        assert await asyncio.gather(*asking) == [ZERO, ZERO]
    assert not await asyncio.to_thread((folder / "s").exists)


async def test_an_answer_that_is_ready_at_the_end_of_the_block_still_gets_out(folder: Path) -> None:
    command = Command()
    async with listening(folder / "s", command.stop) as path:
        assert path is not None
        asking = asyncio.create_task(ask_to_stop(path, 60))
        await command.asked.wait()
        command.zero.set()
    assert await asking == ZERO


async def test_what_a_dead_process_left_is_in_nobodys_way(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / "s"))
    with pytest.raises(ConnectFailedError, match="nothing is listening"):
        await ask_to_stop(folder / "s", 60)
    with pytest.raises(ConnectFailedError, match="nothing is listening"):
        await ask_to_stop(folder / "missing", 60)
    command = Command()
    command.zero.set()
    async with listening(folder / "s", command.stop) as path:
        assert path is not None
        assert await ask_to_stop(path, 60) == ZERO


async def test_a_path_that_is_too_long_is_replaced_by_a_private_one(folder: Path) -> None:
    command = Command()
    command.zero.set()
    async with listening(folder / ("x" * PATH_LIMIT), command.stop) as path:
        assert path is not None
        assert len(str(path)) <= PATH_LIMIT
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert await ask_to_stop(path, 60) == ZERO
    assert not path.parent.exists()


async def test_a_file_system_without_sockets_means_no_socket(folder: Path) -> None:
    async with listening(folder / "missing" / "s", Command().stop) as path:
        assert path is None


async def test_a_process_that_hangs_is_waited_for_in_bounds(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(folder / "s"))
        hanging.listen()
        with pytest.raises(LinkError, match=r"no answer within 0\.05 s"):
            await ask_to_stop(folder / "s", 0.05)


@pytest.mark.parametrize("answer", [b"", b"\n", b"nonsense\n", b"[]\n", b'{"confirmed": true}\n', b"x" * 70_000])
async def test_an_answer_that_is_none_is_said_to_be_none(folder: Path, answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    async with await asyncio.start_unix_server(serve, folder / "s"):
        with pytest.raises(LinkError, match="no answer"):
            await ask_to_stop(folder / "s", 60)


@pytest.mark.parametrize("request_", [b"\n", b'{"do": 1}\n', b"[]\n", b"x" * 3000, b'"stop"\n', b""])
async def test_what_is_no_request_stops_nothing(folder: Path, request_: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_REQUEST_S", 0.05)
    command = Command()
    async with listening(folder / "s", command.stop) as path:
        assert path is not None
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(request_)
        assert await reader.read() == b""
        writer.close()
    assert not command.asked.is_set()


async def test_a_word_that_is_not_known_is_answered_by_that_and_fields_that_are_not_known_are_ignored(
    folder: Path,
) -> None:
    command = Command()
    command.zero.set()
    async with listening(folder / "s", command.stop) as path:
        assert path is not None
        assert await ask(path, {"do": "fly", "high": True}, dict, 5) == {"unknown": "fly"}
        assert not command.asked.is_set()
        assert await ask(path, {"do": "stop", "later": 1}, dict, 5) == {"confirmed": True, "stop_ms": 41.5}


def test_every_wish_survives_the_socket_and_what_makes_no_sense_is_said() -> None:
    for wish in Wish:
        asked = Ask(wish, By.TERMINAL, "tingles" if wish is Wish.MARK else "", 45.0 if wish is Wish.EXTEND else EXTRA_S)
        assert ask_of(json.loads(json.dumps(request_of(asked)))) == asked
    for wrong in (
        {"text": 3},
        {"extra_s": "long"},
        {"extra_s": True},
        {"extra_s": -1},
        {"extra_s": 1e9},
        {"extra_s": None},
    ):
        with pytest.raises((TypeError, ValueError)):
            ask_of({"do": "extend", **wrong})
    assert ask_of({"do": "mark", "text": "\x1b[2J" + "x" * 999}) == Ask(Wish.MARK, By.TERMINAL, "\\x1b[2J" + "x" * 193)


async def test_another_users_process_neither_asks_nor_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(socket, "SO_PEERCRED"):
        pytest.skip("this system does not tell whose process it is")
    command = Command()
    command.zero.set()
    async with listening(folder / "s", command.stop) as path:
        assert path is not None
        with pytest.raises(ConnectFailedError, match="may not answer for this roller"):
            await ask_to_stop(path, 60, pid=os.getppid())
        assert await ask_to_stop(path, 60, pid=os.getpid()) == ZERO
        command.asked.clear()
        monkeypatch.setattr(Peer, "may_ask", False)
        with pytest.raises(LinkError, match="no answer"):
            await ask_to_stop(path, 60)
    assert not command.asked.is_set()


def test_who_may_ask_and_who_may_answer() -> None:
    mine, strangers, roots = Peer(1, os.geteuid()), Peer(1, 54_321), Peer(1, 0)
    assert (mine.may_ask, roots.may_ask, Peer().may_ask, strangers.may_ask) == (True, True, True, False)
    assert (mine.is_process(1), mine.is_process(2), strangers.is_process(1)) == (True, False, False)
    assert Peer(0, os.geteuid()).is_process(2), "of another namespace"
