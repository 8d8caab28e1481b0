"""The socket of a program: one line, one answer; who stalls, babbles or is somebody else harms nobody."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from glowtool.kit.system.line_server import serving
from glowtool.kit.system.peer import Peer, bound_private

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.kit.system.line_server import Answer

pytestmark = pytest.mark.skipif(not hasattr(asyncio, "start_unix_server"), reason="there are no such sockets here")


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[Path]:
    """Serve on a path that is short enough for a socket."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        async with serving(bound_private(path), answer, line_max=16, patience_s=0.05):
            yield path


async def ask(path: Path, said: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(said)
        return await reader.read()
    except ConnectionError:  # hung up before it was read
        return b""
    finally:
        writer.close()


async def test_a_line_is_answered_and_what_is_none_of_ours_is_not() -> None:
    heard: list[bytes] = []

    async def answer(line: bytes) -> object:
        heard.append(line)
        return {"n": len(heard)} if line == b"ours\n" else None

    async with server(answer) as path:
        assert await ask(path, b"ours\n") == b'{"n": 1}\n'
        assert await ask(path, b"theirs\n") == b""
        assert await ask(path, b"half a li") == b"", "stalled"
        assert await ask(path, b"x" * 100) == b"", "too long"
        assert await ask(path, b"") == b""
        assert await ask(path, b"ours\nmore\n") == b'{"n": 3}\n', "one line"
    assert heard == [b"ours\n", b"theirs\n", b"ours\n"]


async def test_another_user_s_process_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []

    async def answer(line: bytes) -> object:
        heard.append(line)
        return {}

    monkeypatch.setattr(Peer, "may_ask", False)
    async with server(answer) as path:
        assert await ask(path, b"ours\n") == b""
    assert heard == []


async def test_an_answer_may_take_longer_than_a_line_and_gets_out_at_the_end() -> None:
    asked = asyncio.Event()

    async def answer(_line: bytes) -> object:
        asked.set()
        await asyncio.sleep(0.2)
        return "done"

    async with server(answer) as path:
        asking = asyncio.create_task(ask(path, b"ours\n"))
        await asked.wait()
    assert await asking == b'"done"\n'


async def test_an_answer_that_never_comes_holds_up_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glowtool.kit.system.line_server._PARTING_S", 0.05)
    asked, never = asyncio.Event(), asyncio.Event()

    async def answer(_line: bytes) -> object:
        asked.set()
        return await never.wait()

    async with server(answer) as path:
        asking = asyncio.create_task(ask(path, b"ours\n"))
        await asked.wait()
    assert await asking == b""
