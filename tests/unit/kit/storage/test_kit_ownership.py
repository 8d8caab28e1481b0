"""A place on disk that others own or can change is refused, with its name and with advice."""

from __future__ import annotations

import os
import stat
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from glowtool.errors import StoreError
from glowtool.kit.storage.files import make_folder
from glowtool.kit.storage.ownership import others_can_write, require_ours
from glowtool.kit.storage.privacy import close_to_others, open_private, read_private

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such permissions here")

#: Somebody else: no test runs as this user.
STRANGER = 54_321


#: The kinds of entries of an access list.
OWNER, USER, OWN_GROUP, GROUP, MASK, OTHERS = 1, 2, 4, 8, 16, 32
NOBODY = 0xFFFFFFFF
ALONE = ((OWNER, 7, NOBODY), (OTHERS, 0, NOBODY))


def access_list(*rows: tuple[int, int, int]) -> bytes:
    """Return the bytes of an access list with these entries beside those of owner and others."""
    entries = sorted((*ALONE, *rows))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.fixture
def as_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the files belong to the user who runs the tests, while the process seems to be another user."""
    monkeypatch.setattr(os, "geteuid", lambda: STRANGER)


def test_a_folder_of_ours_is_relied_on_whether_it_is_there_or_not(tmp_path: Path) -> None:
    require_ours(tmp_path)
    require_ours(tmp_path / "still" / "to be made")


def test_a_folder_of_another_user_is_refused_by_name(tmp_path: Path, as_stranger: None) -> None:
    with pytest.raises(StoreError, match=f"the data directory {tmp_path} belongs to .*, but this command runs as user"):
        require_ours(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_does_not_work_in_a_users_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, STRANGER, STRANGER)
    with pytest.raises(
        StoreError, match=rf"belongs to user {STRANGER}.*; run it as user {STRANGER}, without sudo, or name"
    ):
        require_ours(tmp_path)
    with pytest.raises(StoreError, match=rf"{tmp_path} on the way to the data directory .* belongs to user {STRANGER}"):
        require_ours(tmp_path / "data")


def test_a_folder_that_others_can_write_to_is_refused_with_what_closes_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o707)
    with pytest.raises(StoreError, match=f"others can write to the data directory {folder}.*`chmod go-w '{folder}'`"):
        require_ours(folder)
    folder.chmod(0o1777)
    with pytest.raises(StoreError, match="others can write"):
        require_ours(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="access lists are read on Linux")
def test_an_access_list_that_lets_somebody_write_is_found_whosever_the_group_is(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    reading, writing = (
        access_list((USER, rights, STRANGER), (OWN_GROUP, 0, NOBODY), (MASK, 7, NOBODY)) for rights in (5, 7)
    )
    try:
        os.setxattr(folder, "system.posix_acl_access", reading)
    except OSError:
        pytest.skip("this file system has no access lists")
    assert folder.stat().st_mode & stat.S_IWGRP
    require_ours(folder)  # the mask would let write, but no entry does
    os.setxattr(folder, "system.posix_acl_access", writing)
    with pytest.raises(StoreError, match=f"others can write to the data directory {folder}.*`chmod go-w '{folder}'`"):
        require_ours(folder)
    folder.chmod(0o700)  # which takes the right away in the list as well
    require_ours(folder)
    folder.chmod(0o750)  # may be read and entered by whom the list names, as by a group
    require_ours(folder)


def test_above_the_folder_only_what_keeps_others_files_in_place_may_be_open(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    tmp_path.chmod(0o777)
    with pytest.raises(StoreError, match=f"others can write to {tmp_path}, and so can replace"):
        require_ours(tmp_path / "data")
    tmp_path.chmod(0o1777)  # as /tmp
    require_ours(tmp_path / "data")


def test_a_group_of_the_users_own_is_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grp, pwd = pytest.importorskip("grp"), pytest.importorskip("pwd")
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_name="alice"))
    named = {7: ("alice", ["alice"]), 8: ("alice", ["bob"]), 9: ("staff", [])}

    def group(gid: int) -> object:
        name, members = named[gid]
        return SimpleNamespace(gr_name=name, gr_mem=members)

    monkeypatch.setattr(grp, "getgrgid", group)

    def found(gid: int) -> os.stat_result:
        return os.stat_result((stat.S_IFDIR | 0o770, 1, 1, 1, 1000, gid, 0, 0, 0, 0))

    assert [others_can_write(Path("/nowhere"), found(gid)) for gid in (7, 8, 9)] == [False, True, True]


@pytest.mark.parametrize(
    ("rows", "can"),
    [
        (((USER, 6, STRANGER), (OWN_GROUP, 5, NOBODY), (MASK, 7, NOBODY)), True),
        (((USER, 5, STRANGER), (OWN_GROUP, 5, NOBODY), (MASK, 7, NOBODY)), False),
        (((USER, 7, 1000), (OWN_GROUP, 5, NOBODY), (MASK, 7, NOBODY)), False),
        (((USER, 7, 0), (OWN_GROUP, 0, NOBODY), (MASK, 7, NOBODY)), False),
        (((GROUP, 7, 9), (OWN_GROUP, 0, NOBODY), (MASK, 7, NOBODY)), True),
        (((GROUP, 5, 9), (OWN_GROUP, 0, NOBODY), (MASK, 7, NOBODY)), False),
        (((GROUP, 7, 0), (OWN_GROUP, 0, NOBODY), (MASK, 7, NOBODY)), False),
        (((USER, 5, STRANGER), (OWN_GROUP, 7, NOBODY), (MASK, 7, NOBODY)), True),
        (((USER, 7, STRANGER), (GROUP, 7, 9), (OWN_GROUP, 7, NOBODY), (MASK, 5, NOBODY)), False),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else None,
)
@pytest.mark.skipif(sys.platform != "linux", reason="access lists are read on Linux")
def test_a_right_is_effective_where_both_the_entry_and_the_mask_give_it(
    monkeypatch: pytest.MonkeyPatch, rows: tuple[tuple[int, int, int], ...], can: bool
) -> None:
    monkeypatch.setattr(os, "getxattr", lambda *_: access_list(*rows))
    (mask,) = (rights for tag, rights, _ in rows if tag == MASK)  # which the mode shows as the group's right
    found = os.stat_result((stat.S_IFDIR | 0o700 | mask << 3, 1, 1, 1, 1000, 9, 0, 0, 0, 0))
    assert others_can_write(Path("/data"), found) is can


@pytest.mark.parametrize("content", [b"", b"\2\0\0", struct.pack("<I", 3), access_list()[:-1]])
@pytest.mark.skipif(sys.platform != "linux", reason="access lists are read on Linux")
def test_an_access_list_of_an_unknown_form_may_let_anybody_write(
    monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(os, "getxattr", lambda *_: content)
    found = os.stat_result((stat.S_IFDIR | 0o770, 1, 1, 1, 1000, 0, 0, 0, 0, 0))
    assert others_can_write(Path("/data"), found)


def test_links_are_followed_and_their_targets_judged(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "up").symlink_to("link/../real")
    require_ours(tmp_path / "link")
    require_ours(tmp_path / "up" / "logs")
    real.chmod(0o777)
    with pytest.raises(StoreError, match="others can write"):
        require_ours(tmp_path / "link")


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(StoreError, match="too many links"):
        require_ours(tmp_path / "a")


def test_what_others_can_read_is_closed_and_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    bonds = tmp_path / "bonds"
    bonds.mkdir()
    bonds.chmod(0o755)
    (bonds / "bonds.json").write_text("{}")
    (bonds / "bonds.json").chmod(0o644)

    assert close_to_others(tmp_path, ("bonds", "run")) == ("bonds", "bonds/bonds.json")

    assert stat.S_IMODE(bonds.stat().st_mode) == 0o700
    assert stat.S_IMODE((bonds / "bonds.json").stat().st_mode) == 0o600
    assert close_to_others(tmp_path, ("bonds", "run")) == ()


def test_what_nobody_could_reach_is_closed_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "run" / "x.lock").touch()
    (tmp_path / "run" / "x.lock").chmod(0o666)

    assert close_to_others(tmp_path, ("run",)) == ()
    assert stat.S_IMODE((tmp_path / "run" / "x.lock").stat().st_mode) == 0o600


def test_keys_that_others_could_write_are_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    bonds = tmp_path / "bonds"
    bonds.mkdir()
    bonds.chmod(0o755)
    (bonds / "bonds.json").touch()
    (bonds / "bonds.json").chmod(0o666)
    with pytest.raises(StoreError, match=r"others can write to .*/bonds\.json, so its content may not be yours"):
        close_to_others(tmp_path, ("bonds",))


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_file_among_the_keys_is_refused_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "bonds"
    folder.mkdir()
    path = folder / "bonds.json"
    path.symlink_to("/dev/zero") if kind == "link" else os.mkfifo(path)
    with pytest.raises(StoreError, match="is not a regular file"):
        close_to_others(tmp_path, ("bonds",))
    with pytest.raises(StoreError, match="is not a regular file"):
        read_private(path, 100)


def test_a_file_is_read_within_its_bound(tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(b"x" * 100)
    assert read_private(tmp_path / "note", 100) == b"x" * 100
    with pytest.raises(StoreError, match="longer than 99 bytes"):
        read_private(tmp_path / "note", 99)
    with pytest.raises(FileNotFoundError):
        read_private(tmp_path / "missing", 1)


def test_a_file_of_another_user_is_not_read(tmp_path: Path, as_stranger: None) -> None:
    if tmp_path.stat().st_uid == 0:
        pytest.skip("what root put there is trusted")
    (tmp_path / "note").write_bytes(b"x")
    with pytest.raises(StoreError, match="belongs to"):
        read_private(tmp_path / "note", 100)


def test_modes_do_not_depend_on_the_umask(tmp_path: Path, no_umask: None) -> None:
    make_folder(tmp_path / "a" / "b")
    old = tmp_path / "old"
    old.touch(mode=0o666)
    for path, mode in ((tmp_path / "a" / "new", "ab"), (old, "ab"), (old, "r+b"), (tmp_path / "w", "wb")):
        with open_private(path, mode):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700, 0o700]
