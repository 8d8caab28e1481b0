"""The guest's kernel, built from Debian's source as a program that runs on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from radio.bluez_guest import recipe
from radio.bluez_guest.errors import GuestError
from radio.bluez_guest.packages import require, unpacked

if TYPE_CHECKING:
    from pathlib import Path

#: Options whose dependencies could change with the source; without them there is nothing to test with.
_ESSENTIAL: Final = ("CONFIG_BT_LE=y", "CONFIG_BT_HCIVHCI=y", "CONFIG_OVERLAY_FS=y", "CONFIG_HOSTFS=y")

#: Parts of the source that this build never reads. Kconfig files are read everywhere, so these have none.
_LEFT_OUT: Final = ("arch/*/boot/dts/*", "drivers/gpu/drm/amd/include/*", "tools/perf", "tools/testing")


def build(program: Path, work: Path, log: Path) -> None:
    """Build the kernel as `program`, in the folder `work`, which is removed; GuestError says what is missing."""
    require(recipe.BUILD_PROGRAMS, "building the user-mode kernel")
    _require_space(work.parent)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        unpacked((recipe.KERNEL_SOURCE, *recipe.BUILD_PACKAGES), work / "tools", work)
        source = _source(work)
        _mend(source)
        with log.open("wb") as out:
            _make(source, work, ["allnoconfig", f"KCONFIG_ALLCONFIG={recipe.KERNEL_CONFIG}"], out.fileno())
            _check_config(source / ".config")
            _make(source, work, [f"-j{os.cpu_count() or 1}", "linux"], out.fileno())
        subprocess.run(["strip", "-o", str(work / "linux"), str(source / "linux")], check=True)
        (work / "linux").replace(program)
    except subprocess.CalledProcessError as error:
        raise GuestError(f"building the user-mode kernel failed; the end of {log}:\n{_tail(log)}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < recipe.BUILD_BYTES:
        raise GuestError(
            f"building the user-mode kernel takes {recipe.BUILD_BYTES >> 20} MB in {folder}, {free >> 20} MB are free; "
            "make room, or choose another place for the cache"
        )


def _source(work: Path) -> Path:
    packed = work / "tools/usr/src" / f"{recipe.KERNEL_SOURCE}.tar.xz"
    left_out = [f"--exclude={recipe.KERNEL_SOURCE}/{part}" for part in _LEFT_OUT]
    subprocess.run(["tar", "-C", str(work), *left_out, "-xf", str(packed)], check=True)
    packed.unlink()
    return work / recipe.KERNEL_SOURCE


def _mend(source: Path) -> None:
    """Take out known faults; a source that no longer has one is left alone."""
    for mend in recipe.MENDS:
        if mend.fault in (source / mend.found_in).read_text():
            path = source / mend.path
            content = path.read_text()
            if mend.old not in content:
                raise GuestError(
                    f"{mend.path} of {recipe.KERNEL_SOURCE} has a known fault, and another text than expected"
                )
            path.write_text(content.replace(mend.old, mend.new))


def _make(source: Path, work: Path, arguments: list[str], out: int) -> None:
    tools = work / "tools/usr"
    environment = {
        **os.environ,
        "PATH": f"{tools / 'bin'}:{os.environ['PATH']}",
        "BISON_PKGDATADIR": str(tools / "share/bison"),
        "M4": str(tools / "bin/m4"),
    }
    subprocess.run(
        ["make", "-s", "ARCH=um", *arguments], cwd=source, env=environment, stdin=subprocess.DEVNULL, stdout=out,
        stderr=out, check=True,
    )  # fmt: skip


def _check_config(config: Path) -> None:
    chosen = set(config.read_text().splitlines())
    lacking = [option for option in _ESSENTIAL if option not in chosen]
    if lacking:
        raise GuestError(f"{recipe.KERNEL_SOURCE} does not take {', '.join(lacking)}; see {recipe.KERNEL_CONFIG.name}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
