"""The control socket of a command that holds a roller: another terminal asks it to stop, or steers it; it answers.

One line of JSON each way: `{"do": "stop"}`, and a `Stopped`; what else can be asked, and how that grows, stands in
`glowtool.app.hold.requests`. The socket is in a folder that only its owner can enter,
and each side asks the kernel whose process the other one is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import tempfile
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from glowtool.app.hold.requests import EMERGENCY, STOP
from glowtool.errors import ConnectFailedError, LinkError
from glowtool.kit.system.line_server import serving
from glowtool.kit.system.peer import bound_private, peer_of

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

#: The size of the shortest `sun_path` of all systems (macOS: 104 bytes with the zero at the end; Linux: 108).
PATH_LIMIT: Final = 103

#: A request is one short line; a peer that sends more, or takes longer, is not glowtool.
_REQUEST_LIMIT: Final = 2048
_REQUEST_S: Final = 1.0

#: Answers a request other than a stop, by its word; None: it does not know the word.
Do: TypeAlias = "Callable[[str, Mapping[str, object]], Awaitable[Mapping[str, object] | None]]"


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end of a command that was asked to stop.

    `confirmed`: the roller itself reported that its outputs are zero. `stop_ms` is the time from the request to that
    report.
    """

    confirmed: bool
    stop_ms: float | None


@asynccontextmanager
async def listening(
    wanted: Path, stop: Callable[[], Awaitable[Stopped]], do: Do | None = None
) -> AsyncIterator[Path | None]:
    """Answer requests for the time of the block; yield the path of the socket, None if there can be none.

    `wanted` is the path to use; if it is too long for the system, a path in a private temporary folder replaces it.
    """
    if not hasattr(asyncio, "start_unix_server"):
        yield None
        return

    async def answer(line: bytes) -> Mapping[str, object] | None:
        said = _asked(line)
        word = None if said is None else said.get("do")
        if said is None or not isinstance(word, str):
            return None
        if word == STOP:
            return asdict(await stop())
        done = None if do is None else await do(word, said)
        return {"unknown": word} if done is None else done

    with _place(wanted) as path:
        bound = _bound(path)
        if bound is None:
            yield None
            return
        async with serving(bound, answer, line_max=_REQUEST_LIMIT, patience_s=_REQUEST_S):
            yield path


async def ask_to_stop(path: Path, timeout_s: float, *, pid: int | None = None) -> Stopped:
    """Ask the command that listens there to stop, and return its answer; raises as `ask` does."""
    return await ask(path, {"do": STOP}, _stopped_in, timeout_s, pid=pid)


async def ask_for_emergency_stop(path: Path, timeout_s: float, *, pid: int | None = None) -> Stopped:
    """Ask the massage that listens there for an emergency stop, and return its answer; raises as `ask` does."""
    return await ask(path, {"do": EMERGENCY}, _stopped_in, timeout_s, pid=pid)


def _stopped_in(said: Mapping[str, object]) -> Stopped:
    stop_ms = said["stop_ms"]
    if stop_ms is not None and not isinstance(stop_ms, int | float):
        raise TypeError("stop_ms of the answer is no number")
    return Stopped(confirmed=bool(said["confirmed"]), stop_ms=None if stop_ms is None else float(stop_ms))


async def ask(
    path: Path,
    request: Mapping[str, object],
    read: Callable[[Mapping[str, object]], T],
    timeout_s: float,
    *,
    pid: int | None = None,
) -> T:
    """Ask the command that listens there for something, and return its answer as `read` reads it.

    Raises `ConnectFailedError` when nothing is listening, the listener belongs to another user, or it is not the `pid`
    that is given; and `LinkError` when no answer comes.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return read(await _request(path, request, pid))
    except (FileNotFoundError, ConnectionRefusedError, PermissionError) as error:
        raise ConnectFailedError(f"nothing is listening on {path}: {error.strerror}") from error
    except TimeoutError as error:
        raise LinkError(f"no answer within {timeout_s:g} s") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LinkError(f"no answer ({error!r})") from error


async def _request(path: Path, request: Mapping[str, object], pid: int | None) -> Mapping[str, object]:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        if not peer_of(writer).is_process(pid):
            raise ConnectFailedError(f"the process that listens at {path} may not answer for this roller")
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        said = json.loads(await reader.readuntil())
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ValueError("the answer was empty") from error
    finally:
        writer.close()
    if not isinstance(said, dict):
        raise TypeError("the answer is not a JSON object")
    return said


def _asked(line: bytes) -> Mapping[str, object] | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        _LOG.debug("a request on the control socket was not understood: %r", error)
        return None
    return said if isinstance(said, dict) else None


def _bound(path: Path) -> socket.socket | None:
    """Return a socket bound to the path, or None if the file system has no sockets."""
    try:
        return bound_private(path)
    except OSError as error:
        _LOG.info("no control socket at %s: %s; a signal does the same", path, error)
        return None


@contextmanager
def _place(wanted: Path) -> Iterator[Path]:
    """Yield the path to listen on: `wanted`, or a short one in a folder of our own, for the time of the block."""
    if len(os.fsencode(wanted)) <= PATH_LIMIT:
        try:
            yield wanted
        finally:
            wanted.unlink(missing_ok=True)
        return
    folder = Path(tempfile.mkdtemp(prefix="glowtool-"))  # only we can enter it
    try:
        yield folder / "stop"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
