"""A guest from boot to power-off: one command in it, its output as it comes, its exit status."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from radio.bluez_guest.errors import GuestError
from radio.bluez_guest.recipe import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from radio.bluez_guest.cache import Cache

#: Of the environment, what the command needs to run as it would here.
_PASSED_ON: Final = ("PATH", "LANG", "CI", "VIRTUAL_ENV", "NO_COLOR", "PY_COLORS")
_PASSED_ON_FROM: Final = ("PYTHON", "PYTEST", "COVERAGE", "HYPOTHESIS", "GLOWTOOL_")

_LOGS: Final = ("console.log", "bluetoothd.log", "dmesg.log")
#: What guest/main says before it runs the command.
_IS_UP: Final = "bluetoothd is up"
_SHOWN_LINES: Final = 12
_GRACE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Machine:
    """A guest made of what is in `cache`. Of all files only those below `share` can be changed for good.

    `logs`: where the logs of console, bluetoothd and kernel go when the command fails.
    `skip_idle`: the guest's clocks jump over idle waits. Much faster, but they do not follow the host's.
    """

    cache: Cache
    share: Path
    logs: Path
    memory_mb: int = 2048
    timeout_s: float = 1800.0
    skip_idle: bool = False

    def run(self, command: Sequence[str], folder: Path, output: BinaryIO = sys.stdout.buffer) -> int:
        """Run a command in a folder, as root, and return its exit status; `output` gets what it writes, as it comes.

        Raises GuestError when the guest does not come up or the command does not end in time.
        """
        with tempfile.TemporaryDirectory(prefix="bluez-guest-") as name:
            ctl = Path(name)
            self._furnish(ctl, command, folder)
            try:
                ended = self._boot(ctl, output)
                status = _status(ctl)
            except BaseException:
                self._keep_logs(ctl)
                raise
            if status != 0:
                self._keep_logs(ctl)
            if status is None:
                raise GuestError(self._why(ctl, ended))
            return status

    def _furnish(self, ctl: Path, command: Sequence[str], folder: Path) -> None:
        for name in ("main", "main.conf"):
            shutil.copy(HERE / "guest" / name, ctl)
        init = (HERE / "guest/init").read_text()
        (ctl / "init").write_text(f"#!{self.cache.busybox} sh\n{init}")
        (ctl / "init").chmod(0o755)
        exports = [f"export {name}={shlex.quote(value)}\n" for name, value in os.environ.items() if _passed_on(name)]
        run = f"export PYTHONUNBUFFERED=1\ncd {shlex.quote(str(folder))} && exec {shlex.join(command)}\n"
        (ctl / "command").write_text("".join(exports) + run)

    def _arguments(self, ctl: Path) -> list[str]:
        return [
            str(self.cache.kernel),
            f"mem={self.memory_mb}M", "rootfstype=hostfs", "rootflags=/", "ro", f"init={ctl / 'init'}", "quiet",
            "con=null", "con0=null,fd:2", "con1=null,fd:1",
            f"GUEST_USERLAND={self.cache.userland}", f"GUEST_CTL={ctl}", f"GUEST_SHARE={self.share.resolve()}",
            *(["time-travel"] if self.skip_idle else []),
        ]  # fmt: skip

    def _boot(self, ctl: Path, output: BinaryIO) -> int:
        """Boot, wait for power-off and return the kernel's own exit status."""
        environment = {**os.environ, "TMPDIR": _memory_folder(self.memory_mb, self.cache.folder)}
        with (
            (ctl / "console.log").open("wb") as console,
            _started(self._arguments(ctl), environment, console) as kernel,
        ):
            # What the kernel gets as its console must be a pipe: it makes it non-blocking.
            copying = threading.Thread(target=_copy, args=(kernel.stdout, output), daemon=True)
            copying.start()
            try:
                ended = kernel.wait(self.timeout_s)
            except subprocess.TimeoutExpired:
                raise GuestError(
                    f"the guest was ended after {self.timeout_s:g} s; its logs are in {self.logs}"
                ) from None
            copying.join()
            return ended

    def _keep_logs(self, ctl: Path) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for name in _LOGS:
            if (ctl / name).exists():
                shutil.copy(ctl / name, self.logs)

    def _why(self, ctl: Path, ended: int) -> str:
        console = (ctl / "console.log").read_text(errors="replace")
        end = f"Logs are in {self.logs}; the console's end:\n" + "\n".join(console.splitlines()[-_SHOWN_LINES:])
        if _IS_UP in console:
            return f"the guest broke down in the middle of the command (its kernel ended with {ended}). {end}"
        return (
            f"the guest did not come up (its kernel ended with {ended}). User-mode Linux needs ptrace, which some "
            f"containers forbid, and {self.memory_mb} MB of memory. {end}"
        )


@contextmanager
def _started(arguments: list[str], environment: dict[str, str], console: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    """Start the kernel in a process group of its own, and leave none of its processes behind."""
    try:
        kernel = subprocess.Popen(
            arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=console,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise GuestError(
            f"{arguments[0]} cannot be started: {error.strerror}; remove it to have it built anew"
        ) from error
    try:
        yield kernel
    finally:
        if kernel.poll() is None:
            os.killpg(kernel.pid, signal.SIGTERM)
            try:
                kernel.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                os.killpg(kernel.pid, signal.SIGKILL)
                kernel.wait()
        if kernel.stdout is not None:
            kernel.stdout.close()


def _copy(source: BinaryIO | None, output: BinaryIO) -> None:
    assert source is not None
    # read1: whatever is there, at once.
    while chunk := source.read1(65536):  # type: ignore[attr-defined]  # pipes are buffered readers
        output.write(chunk)
        output.flush()


def _status(ctl: Path) -> int | None:
    try:
        return int((ctl / "status").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _passed_on(name: str) -> bool:
    return name in _PASSED_ON or name.startswith(_PASSED_ON_FROM)


def _memory_folder(memory_mb: int, otherwise: Path) -> str:
    """Return where the guest keeps its memory, a file that code runs from: in memory if that can be, else on disk."""
    shared = Path("/dev/shm")  # noqa: S108 - memory; the kernel makes its file there and removes the name at once
    # Containers often have it small, or mounted noexec.
    runs = shared.is_dir() and not os.statvfs(shared).f_flag & os.ST_NOEXEC
    return str(shared if runs and shutil.disk_usage(shared).free >= memory_mb << 20 else otherwise)
