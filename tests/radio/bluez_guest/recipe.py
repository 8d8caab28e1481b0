"""The recipe of the cache, whose changes make the cache outdated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent

#: Increase when a step changes that is not in the data below.
REVISION: Final = 1

#: Debian 12's kernel, as source.
KERNEL_SOURCE: Final = "linux-source-6.1"

#: Only the options that are wanted; all others are off.
KERNEL_CONFIG: Final = HERE / "kernel.config"

#: What is needed to build a kernel besides a compiler, and rarely installed.
BUILD_PACKAGES: Final = ("flex", "bison", "m4", "libfl2")

#: What must be installed on the machine, and the package that brings it.
BUILD_PROGRAMS: Final = {
    "gcc": "gcc libc6-dev",
    "make": "make",
    "bc": "bc",
    "xz": "xz-utils",
    "tar": "tar",
    "strip": "binutils",
}
PACKAGE_PROGRAMS: Final = {"apt-get": "apt", "dpkg-deb": "dpkg"}

#: bluetoothd, D-Bus and a shell of its own for the guest, with the libraries that a small machine lacks.
USERLAND_PACKAGES: Final = (
    "bluez", "busybox-static", "dbus", "dbus-bin", "dbus-daemon", "dbus-system-bus-common", "libapparmor1",
    "libasound2", "libdbus-1-3", "libdw1", "libelf1", "libglib2.0-0", "libreadline8", "libudev1",
)  # fmt: skip

#: Free space while the kernel is built; what stays is 20 MB.
BUILD_BYTES: Final = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Mend:
    """A known fault of the kernel's source: where `fault` is found in `found_in`, `old` in `path` becomes `new`."""

    found_in: str
    fault: str
    path: str
    old: str
    new: str


MENDS: Final = (
    # 6.1.192 has a connection's channel freed by its last user, but still flushes it when the connection goes: whoever
    # closes a socket after that frees it twice. Every connect to a peer that lost its key ends in a panic.
    Mend(
        "net/bluetooth/l2cap_core.c",
        "\tstruct l2cap_conn *conn = container_of(ref, struct l2cap_conn, ref);\n\n\thci_chan_del(conn->hchan);\n",
        "net/bluetooth/hci_conn.c",
        "\thci_chan_list_flush(conn);\n\n\thci_conn_hash_del(hdev, conn);\n",
        "\thci_conn_hash_del(hdev, conn);\n",
    ),
)


def kernel_digest() -> str:
    """Return what changes when the kernel must be built anew."""
    return _digest(KERNEL_SOURCE, *BUILD_PACKAGES, KERNEL_CONFIG.read_text(), repr(MENDS))


def userland_digest() -> str:
    """Return what changes when the guest's programs must be fetched anew."""
    return _digest(*USERLAND_PACKAGES)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join((str(REVISION), *parts)).encode()).hexdigest()
