"""The server of `support.processes.warm`: it loads both packages and copies itself for every request."""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
from contextlib import suppress
from importlib.metadata import entry_points
from select import select
from typing import TYPE_CHECKING, Any, Final

from support.processes.warm import NUMBER, REQUEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

#: What is loaded besides our own: what our own import only when they need it.
OTHERS: Final = ("pyarrow.csv", "pyarrow.parquet", "scipy.signal", "pytest")

#: pytest rewrites it as it loads it, and wants to be the first.
LEFT_OUT: Final = ("__main__", "pytest_plugin")


def load() -> None:
    """Import all of both packages; what this system has no library for stays out."""
    for name in ("glowtool", "glowsim"):
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if found.name.rpartition(".")[2] not in LEFT_OUT:
                with suppress(ImportError):
                    importlib.import_module(found.name)
    for name in OTHERS:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that copies share memory until they change it


def serve(asked: socket.socket) -> Callable[[], object] | None:
    """Answer requests until no more can come, and return None; in a copy, return what the copy is to do."""
    running: dict[int, int] = {}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    both: list[socket.socket | int] = [asked, woken]
    while True:
        ready = select(both, [], [])[0]
        if woken in ready:
            os.read(woken, 4096)
            _tell_ends(running)
        if asked not in ready:
            continue
        request, descriptors, _flags, _address = socket.recv_fds(asked, REQUEST_BYTES, 4)
        if not request:
            return None
        *streams, telling = descriptors
        if (pid := os.fork()) == 0:
            for descriptor in (woken, waking, telling, *running.values()):
                os.close(descriptor)
            return _become(json.loads(request), streams)
        for descriptor in streams:
            os.close(descriptor)
        running[pid] = telling
        _tell(telling, pid)


def _tell_ends(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        telling = running.pop(pid)
        _tell(telling, os.waitstatus_to_exitcode(status))
        os.close(telling)


def _tell(telling: int, number: int) -> None:
    with suppress(BrokenPipeError):  # the test that asked has failed meanwhile
        os.write(telling, NUMBER.pack(number))


def _become(request: dict[str, Any], streams: list[int]) -> Callable[[], object]:
    """Make this copy look as a process that was started with the request; return its main program."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        listening = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in request["ignoring"] else listening)
    for place, descriptor in enumerate(streams):
        os.dup2(descriptor, place)
        os.close(descriptor)
    sys.stdin = sys.__stdin__ = _text(0, "r")  # type: ignore[misc]  # as an interpreter that starts sets them
    sys.stdout = sys.__stdout__ = _text(1, "w")  # type: ignore[misc]  # as above
    sys.stderr = sys.__stderr__ = _text(2, "w")  # type: ignore[misc]  # as above
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    os.umask(request["umask"])
    program, *_ = sys.argv = request["words"]
    if program.endswith(".py"):
        return lambda: runpy.run_path(program, run_name="__main__")
    (script,) = entry_points(group="console_scripts", name=program)
    main: Callable[[], int | None] = script.load()
    return lambda: sys.exit(main())


def _text(descriptor: int, mode: str) -> io.TextIOWrapper:
    binary = open(descriptor, f"{mode}b", closefd=False)  # noqa: SIM115 - a descriptor
    errors, lines = ("backslashreplace", True) if descriptor == 2 else ("strict", os.isatty(descriptor))
    return io.TextIOWrapper(binary, "utf-8", errors, line_buffering=lines, write_through=False)


if __name__ == "__main__":
    load()
    with socket.socket(fileno=int(sys.argv[1])) as asking:
        main_program = serve(asking)
    if main_program is not None:
        main_program()
