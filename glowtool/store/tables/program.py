"""The program in a manifest: the bytes that the GR-1 is uploaded, in hexadecimal, whatever device ran them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import DecodeError, LogDamagedError
from glowtool.protocol.program import pack_program, unpack_program

if TYPE_CHECKING:
    from glowtool.model.program import Program, Step
    from glowtool.store.tables.manifest import Manifest


def program_hex(program: Program) -> str:
    """Return a program as a manifest keeps it; raises `ValueError`."""
    return pack_program(program).hex()


def program_of(manifest: Manifest) -> tuple[Step, ...]:
    """Return the steps of the uploaded program; raises `LogDamagedError`."""
    try:
        return unpack_program(bytes.fromhex(manifest.program_hex)).steps if manifest.program_hex else ()
    except (ValueError, DecodeError) as error:
        where = f"session {manifest.session_id}: the program in its manifest"
        raise LogDamagedError(
            f"{where} does not decode: {error}", advice="restore the manifest from a backup"
        ) from error
