"""A command that holds the keyboard as a massage does: `keyboard_child.py FOLDER`; the file `end` there ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from glowtool.cli.signals import stoppable
from glowtool.cli.terminal.keyboard import keyboard_here


async def hold(folder: Path) -> None:
    os.write(1, b"held\n")
    while not (folder / "end").exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    how = (folder / "end").read_text()
    if how == "crash":
        raise ZeroDivisionError
    if how:
        os.kill(os.getpid(), getattr(signal, how))
        await asyncio.Event().wait()


keyboard = keyboard_here(live=True)
with keyboard.held():
    loop = asyncio.new_event_loop()
    with keyboard.watched(loop):
        loop.run_until_complete(stoppable(hold(Path(sys.argv[1]))))
