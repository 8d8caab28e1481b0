"""The version of the running BlueZ: D-Bus does not report it, but its programs do."""

from __future__ import annotations

import asyncio
import re
from typing import Final

#: The first answer counts; distributions keep the daemon outside the path.
PROGRAMS: Final = ("bluetoothctl", "/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd")

_TIMEOUT_S: Final = 3.0
_VERSION: Final = re.compile(rb"\d+\.\d+")


async def bluez_version() -> str | None:
    """Return the version of BlueZ, as in "5.66"; None if none of its programs tells."""
    for program in PROGRAMS:
        if (said := await _said(program)) is not None:
            return said
    return None


async def _said(program: str) -> str | None:
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            output, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    found = _VERSION.search(output)
    return found[0].decode() if found else None
