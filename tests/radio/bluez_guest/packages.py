"""Debian packages that apt fetches into a folder, without installing them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from radio.bluez_guest.errors import GuestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Folders that are links into /usr on a machine of today; a package may still bring them as folders.
_MERGED: Final = ("bin", "sbin", "lib", "lib64")
_UNWANTED: Final = ("doc", "man", "locale", "lintian")


def require(programs: Mapping[str, str], purpose: str) -> None:
    """Raise GuestError when a program is not on this machine; the values are the packages that bring them."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        packages = " ".join(programs[name] for name in missing)
        raise GuestError(f"{purpose} needs {', '.join(missing)}; install with `apt-get install {packages}`")


def unpacked(names: Iterable[str], into: Path, scratch: Path) -> None:
    """Fetch packages and unpack them into a folder, /bin, /sbin and /lib merged into /usr."""
    wanted = tuple(names)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        debs, root = Path(folder, "debs"), Path(folder, "root")
        debs.mkdir()
        _download(wanted, debs, scratch)
        for deb in sorted(debs.glob("*.deb")):
            _run(["dpkg-deb", "--extract", str(deb), str(root)], debs)
        _merge_usr(root)
        shutil.copytree(root, into, symlinks=True, dirs_exist_ok=True)


def _download(names: tuple[str, ...], debs: Path, scratch: Path) -> None:
    """Fetch with the machine's own package lists, or with fresh ones of our own where those are missing or stale."""
    private = (
        f"Dir::State::lists={scratch}/apt/lists",
        f"Dir::Cache::pkgcache={scratch}/apt/pkgcache.bin",
        f"Dir::Cache::srcpkgcache={scratch}/apt/srcpkgcache.bin",
    )
    try:
        _apt(["download", *names], debs)
    except GuestError:
        (scratch / "apt/lists/partial").mkdir(parents=True, exist_ok=True)
        _apt(["update"], debs, private)
        _apt(["download", *names], debs, private)


def _apt(arguments: list[str], folder: Path, settings: tuple[str, ...] = ()) -> None:
    # As root, apt would drop to a user who may not write here.
    user = () if os.geteuid() else ("APT::Sandbox::User=root",)
    options = [word for setting in (*settings, *user) for word in ("-o", setting)]
    try:
        _run(["apt-get", "-qq", *options, *arguments], folder)
    except GuestError as error:
        raise GuestError(f"{error}\nthe packages are those of Debian 12; check the network and apt's sources") from None


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GuestError(f"`{' '.join(command[:2])} …` failed ({done.returncode}): {done.stderr.strip()[-800:]}")


def _merge_usr(root: Path) -> None:
    for name in _MERGED:
        if (root / name).is_dir():
            shutil.copytree(root / name, root / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(root / name)
    for name in _UNWANTED:
        shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
