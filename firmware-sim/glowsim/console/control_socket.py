"""A roller's console for other processes of the same person: a Unix socket in the state directory."""

from __future__ import annotations

import json
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from glowtool.errors import AdapterUnavailableError, GlowtoolError, InputError, UsageError
from glowtool.kit.system.line_server import serving
from glowtool.kit.system.peer import bound_private

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

SOCKET_NAME: Final = "control.sock"

_LINE_MAX: Final = 4096
_PATIENCE_S: Final = 5.0


@asynccontextmanager
async def answering(state_dir: Path, obey: Callable[[str], str]) -> AsyncIterator[None]:
    """Obey commands from the socket for the time of the block; the caller holds the state directory.

    Each connection carries one line and gets one JSON object back: `said`, or `error` with its `exit_code`.
    InputError when the socket cannot be made.
    """
    path = state_dir / SOCKET_NAME

    async def answer(line: bytes) -> dict[str, object]:
        return _answer(line.decode("utf-8", "replace"), obey)

    async with serving(_listening(path), answer, line_max=_LINE_MAX, patience_s=_PATIENCE_S):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def numbers_of(state_dir: Path) -> list[int]:
    """Return the numbers of the rollers that are served side by side in a state directory; empty for a single one."""
    if (state_dir / SOCKET_NAME).exists():
        return []
    names = (path.parent.name.removeprefix("roller-") for path in state_dir.glob(f"roller-*/{SOCKET_NAME}"))
    return sorted(int(name) for name in names if name.isdecimal())


def tell(state_dir: Path, line: str) -> str:
    """Give a line to the roller of a state directory, and return its answer.

    AdapterUnavailableError when no roller is on there; a refused line raises UsageError or InputError with the
    console's words.
    """
    path = state_dir / SOCKET_NAME
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE_S)
        try:
            connection.connect(str(path))
            connection.sendall(line.encode() + b"\n")
            answer = b"".join(iter(lambda: connection.recv(_LINE_MAX), b""))
        except OSError as error:
            raise AdapterUnavailableError(
                f"no roller answers in {state_dir} ({error.strerror or error})",
                advice="start one there with `glowsim serve`",
            ) from error
    return _said(answer, state_dir)


def _said(answer: bytes, state_dir: Path) -> str:
    try:
        content = json.loads(answer)
    except ValueError as error:
        raise AdapterUnavailableError(f"the roller in {state_dir} went away before it answered") from error
    if "error" in content:
        kind = UsageError if content["exit_code"] == UsageError.exit_code else InputError
        raise kind(str(content["error"]))
    return str(content["said"])


def _answer(line: str, obey: Callable[[str], str]) -> dict[str, object]:
    try:
        return {"said": obey(line)}
    except GlowtoolError as error:
        return {"error": str(error), "exit_code": error.exit_code}


def _listening(path: Path) -> socket.socket:
    try:
        return bound_private(path)
    except OSError as error:
        raise InputError(f"cannot make the socket {path}: {error.strerror or error}") from error
