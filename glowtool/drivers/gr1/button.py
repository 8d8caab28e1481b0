"""The program that a roller's button starts without a host: stored, read back, forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import ProtocolError
from glowtool.protocol.program import pack_program, program_crc
from glowtool.protocol.records import Diagnostic

if TYPE_CHECKING:
    from glowtool.drivers.gr1.archive import Archive
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.model.program import Program


def crc_of(program: Program) -> int:
    """Return the CRC-32 by which a roller tells the program that it keeps for its button from others."""
    return program_crc(pack_program(program))


async def stored_crc(roller: Roller) -> int | None:
    """Return the CRC-32 of the program that the roller keeps for its button, or None.

    Raises `CommandLackingError` when this kind of roller stores no program.
    """
    return await crc_stored_in(roller.archive)


async def crc_stored_in(archive: Archive) -> int | None:
    """Return the same, asked of the roller's memory."""
    return await archive.diagnostic(Diagnostic.STORED_PROGRAM_CRC) or None


async def store_for_button(roller: Roller, program: Program, unix_ms: int) -> bool:
    """Store a program for the roller's button, and read it back; return False when it was there before.

    In either case the program passes the gate and the roller's own checks, and the roller's clock is set, so that its
    records have a time. When this fails, even by a loss of power, the roller holds either the old program or all of the
    new one. Raises `SafetyError`, `CommandRefusedError`, `ConnectionLostError`, and `ProtocolError` when the roller
    reports another program afterwards.
    """
    wanted = crc_of(program)
    before = await stored_crc(roller)
    await roller.set_time(unix_ms)
    await roller.upload(program)
    if before == wanted:
        return False  # writing it again would only wear the flash
    await roller.archive.store_program()
    kept = await stored_crc(roller)
    if kept != wanted:
        found = "none" if kept is None else f"one with the CRC {kept:08x}"
        raise ProtocolError(
            f"the roller accepted the program for its button (CRC {wanted:08x}), but reports that it keeps {found}",
            advice="store it again, and do not use the button before it is confirmed",
        )
    return True


async def clear_button(roller: Roller) -> bool:
    """Make the roller forget the program for its button, and read that back; return False when there was none.

    Raises the errors of `store_for_button`.
    """
    return await clear_stored(roller.archive)


async def clear_stored(archive: Archive) -> bool:
    """Do the same, asked of the roller's memory."""
    if await crc_stored_in(archive) is None:
        return False
    await archive.erase_stored_program()
    kept = await crc_stored_in(archive)
    if kept is not None:
        raise ProtocolError(f"the roller did not forget the program for its button (CRC {kept:08x})")
    return True
