"""The cache of the guest's kernel and programs, outside the repository, made when missing or outdated."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from radio.bluez_guest import kernel, recipe
from radio.bluez_guest.packages import require, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Names another place for the cache.
CACHE_VARIABLE: Final = "GLOWTOOL_GUEST_CACHE"


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder with the parts of a guest; `ready` makes what is missing."""

    folder: Path

    @property
    def kernel(self) -> Path:
        """The kernel, a program."""
        return self.folder / "linux"

    @property
    def userland(self) -> Path:
        """The root of what the machine itself does not have: bluetoothd, D-Bus, busybox."""
        return self.folder / "userland"

    @property
    def busybox(self) -> Path:
        """A shell and its tools that need no libraries."""
        return self.userland / "usr/bin/busybox"

    def ready(self, say: Callable[[str], None]) -> None:
        """Make what is missing or was made by another recipe; `say` is told what takes time. Raises GuestError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            if not self._current("userland", recipe.userland_digest()):
                say(f"fetching bluetoothd and D-Bus into {self.folder} (once)")
                self._fetch_userland()
            if not self._current("linux", recipe.kernel_digest()):
                say(f"building the user-mode kernel in {self.folder} (once, some minutes)")
                began_s = time.monotonic()
                self._build_kernel()
                say(f"the kernel was built in {time.monotonic() - began_s:.0f} s")

    def _fetch_userland(self) -> None:
        require(recipe.PACKAGE_PROGRAMS, "the guest")
        self._forget("userland")
        shutil.rmtree(self.userland, ignore_errors=True)
        unpacked(recipe.USERLAND_PACKAGES, self.userland, self.folder)
        self._keep("userland", recipe.userland_digest())

    def _build_kernel(self) -> None:
        self._forget("linux")
        kernel.build(self.kernel, self.folder / "build", self.folder / "build.log")
        self._keep("linux", recipe.kernel_digest())

    def _stamp(self, part: str) -> Path:
        return self.folder / f"{part}.recipe"

    def _current(self, part: str, digest: str) -> bool:
        stamp = self._stamp(part)
        return stamp.exists() and stamp.read_text() == digest

    def _forget(self, part: str) -> None:
        self._stamp(part).unlink(missing_ok=True)

    def _keep(self, part: str, digest: str) -> None:
        self._stamp(part).write_text(digest)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def usual_cache() -> Cache:
    """Return the cache of this user: `$GLOWTOOL_GUEST_CACHE`, or `glowtool/bluez-guest` in the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Cache(Path(chosen).expanduser().resolve())
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Cache(Path(base).expanduser().resolve() / "glowtool/bluez-guest")
