"""Radios that are switched off below the Bluetooth stack, from /sys/class/rfkill of Linux."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from glowtool.link.radio import Block

FOLDER: Final = Path("/sys/class/rfkill")
_BLUETOOTH: Final = "bluetooth"


def block_of(adapter: str | None, folder: Path = FOLDER) -> Block | None:
    """Return what blocks the adapter of that name (any, for None), or None when nothing is seen to."""
    found = [_block(entry) for entry in sorted(folder.glob("rfkill*")) if _is(entry, adapter)]
    return Block.SWITCH if Block.SWITCH in found else next((block for block in found if block is not None), None)


def _is(entry: Path, adapter: str | None) -> bool:
    if _text(entry / "type") != _BLUETOOTH:
        return False
    name = _text(entry / "name")
    # A laptop's key blocks under a name of its own, for example its maker's.
    return adapter is None or name == adapter or not name.startswith("hci")


def _block(entry: Path) -> Block | None:
    if _text(entry / "hard") == "1":
        return Block.SWITCH
    return Block.SOFTWARE if _text(entry / "soft") == "1" else None


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # it was unplugged meanwhile, or we may not read it
        return ""
