"""The ownership of a place on disk: a folder is trusted only if nobody else can write to it.

Every folder and link on the way to it counts, since a user who can change one of them can put another folder in its
place. The system's administrator (uid 0) can do so anyway, and is trusted. On Windows nothing is checked: there,
inherited access lists close a user's folders to others.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import StoreError
from glowtool.kit.storage.access_list import Writers, writers_listed

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADMINISTRATOR: Final = 0

#: What the kernel follows at most, too.
_LINKS_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Use:
    """The purpose of a folder, in words for its owner, and the option that names another folder."""

    name: str = "the data directory"
    option: str = "--data-dir"


@dataclass(frozen=True, slots=True)
class _Step:
    """One folder, file or link on the way; `last` is the target of the path itself."""

    path: Path
    found: os.stat_result
    last: bool

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.found.st_mode)


def require_ours(folder: Path, use: Use | None = None) -> None:
    """Make sure that nobody but this user can change a folder or put another one in its place.

    A missing part is not a fault: the existing part decides. Raises `StoreError`, which names the part of the path that
    somebody else owns or can write to, and what to do.
    """
    if os.name == "nt":
        return
    used = use or Use()
    try:
        for step in _steps(folder):
            _check(step, folder, used)
    except OSError as error:
        raise StoreError(
            f"cannot tell who owns {used.name} {folder}: {error.filename}: {error.strerror}",
            advice=f"choose another one with {used.option}",
        ) from error


def others_can_write(path: Path, found: os.stat_result) -> bool:
    """Tell whether a file's mode or access list lets other users write.

    Its owner, the administrator and the user's own group may. Where there is an access list, the mode shows the list's
    mask in place of the group's right.
    """
    if found.st_mode & stat.S_IWOTH:
        return True
    if not found.st_mode & stat.S_IWGRP:
        return False
    listed = writers_listed(path) or Writers(frozenset(), frozenset(), owning_group=True)
    groups = listed.groups | ({found.st_gid} if listed.owning_group else set())
    if listed.users - {found.st_uid, os.geteuid(), _ADMINISTRATOR}:
        return True
    return any(not _is_private_group(gid, found.st_uid) for gid in groups)


def user_name(uid: int) -> str:
    """Return a user's name, or the number if it has none."""
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _check(step: _Step, folder: Path, use: Use) -> None:
    owner, mine = step.found.st_uid, os.geteuid()
    if step.last and owner != mine:
        raise _foreign(folder, use, owner, mine)
    if owner not in {mine, _ADMINISTRATOR} and not _is_unmapped(owner):
        raise StoreError(
            f"{step.path} on the way to {use.name} {folder} belongs to {user_name(owner)}, who can put something else "
            f"in its place",
            advice=f"name a folder of your own with {use.option}",
        )
    if step.is_link or not others_can_write(step.path, step.found):
        return
    if step.last:
        raise StoreError(
            f"others can write to {use.name} {folder}, so its content may not be yours",
            advice=(
                f"check it, then take write access from others (`chmod go-w '{folder}'`), or choose another one with "
                f"{use.option}"
            ),
        )
    if not step.found.st_mode & stat.S_ISVTX:  # with it, as in /tmp, nobody can move another user's file
        raise StoreError(
            f"others can write to {step.path}, and so can replace {use.name} {folder}",
            advice=(
                f"take write access from others (`chmod go-w '{step.path}'`), or choose another one with {use.option}"
            ),
        )


def _foreign(folder: Path, use: Use, owner: int, mine: int) -> StoreError:
    theirs, me = user_name(owner), user_name(mine)
    says = f"{use.name} {folder} belongs to {theirs}, but this command runs as {me}"
    other = f"name a folder of your own with {use.option}"
    if mine == _ADMINISTRATOR:
        return StoreError(says, advice=f"run it as {theirs}, without sudo, or {other}")
    return StoreError(f"{says}: its content is not yours", advice=other)


def _steps(path: Path) -> Iterator[_Step]:
    """Yield the parts of the way to a path, from the root on and through links, as far as they exist."""
    whole = path.absolute()
    here = Path(whole.anchor)
    pending = list(reversed(whole.parts[1:]))
    links = 0
    yield _Step(here, os.lstat(here), last=not pending)
    while pending:
        part = pending.pop()
        if part == "..":
            here = here.parent
            continue
        try:
            found = os.lstat(here / part)
        except (FileNotFoundError, NotADirectoryError):
            return  # it does not exist yet, or cannot be made
        is_link = stat.S_ISLNK(found.st_mode)
        yield _Step(here / part, found, last=not pending and not is_link)
        if not is_link:
            here /= part
            continue
        links += 1
        if links > _LINKS_MAX:
            raise OSError(0, "too many links", str(path))
        target = (here / part).readlink()
        here = Path(target.anchor) if target.is_absolute() else here
        pending.extend(reversed(target.parts[1:] if target.is_absolute() else target.parts))


def _is_private_group(gid: int, owner: int) -> bool:
    """Tell whether a group has no member but a user (and the administrator), as a group with the user's own name."""
    import grp  # noqa: PLC0415 - not on Windows

    if gid == _ADMINISTRATOR:
        return True
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    name = user_name(owner)
    return group.gr_name == name and set(group.gr_mem) <= {name}


def _is_unmapped(uid: int) -> bool:
    """Tell whether an owner is not of this namespace: the machine's own root appears like this in some containers."""
    try:
        overflow = int(Path("/proc/sys/kernel/overflowuid").read_text("ascii"))
        ids = [int(number) for number in Path("/proc/self/uid_map").read_text("ascii").split()]
    except (OSError, ValueError):
        return False
    return uid == overflow and ids != [0, 0, 2**32 - 1]
