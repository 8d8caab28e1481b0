"""An export writes to pipes and devices, follows links, and loses no file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from glowtool.errors import InputError, StoreError
from glowtool.model.ending import Ending
from glowtool.store.exports.target import write_to
from glowtool.store.tables.finish import finish
from support.logs.sessions import ENDED, record


def write(stream: BinaryIO) -> None:
    stream.write(b"new\n")


def put(path: Path, *, force: bool = False) -> None:
    write_to(path, write, force=force)


def test_a_new_file_is_made_with_its_folder_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "new/deeper/x.csv"
    put(path)
    assert path.read_bytes() == b"new\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("mine\n")
    with pytest.raises(InputError, match=r"x\.csv exists already; name another file, or replace it with --force"):
        put(path)
    assert path.read_text() == "mine\n"
    put(path, force=True)
    assert path.read_text() == "new\n"


@pytest.mark.parametrize("before", [None, ""])
def test_a_link_is_followed_and_stays(tmp_path: Path, before: str | None) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    if before is not None:
        real.write_text(before)
    link.symlink_to("real.csv")
    put(link)
    assert link.is_symlink()
    assert real.read_text() == "new\n"


def test_what_a_link_leads_to_is_not_lost_either(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("mine\n")
    link.symlink_to(real)
    with pytest.raises(InputError, match=r"leads to .*real\.csv, which exists already"):
        put(link)
    assert real.read_text() == "mine\n"
    put(link, force=True)
    assert link.is_symlink()
    assert real.read_text() == "new\n"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_takes_it_and_stays_a_pipe(tmp_path: Path, force: bool, linked: bool) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    named = tmp_path / "link" if linked else pipe
    if linked:
        named.symlink_to(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    put(named, force=force)
    reader.join(10)
    assert read == [b"new\n"]
    assert pipe.is_fifo()


@pytest.mark.parametrize("force", [False, True])
def test_a_device_takes_it_and_stays_a_device(tmp_path: Path, force: bool) -> None:
    # A terminal of our own: its folder lets nobody rename anything, should this ever be broken.
    person, terminal = os.openpty()
    path = tmp_path / "device"
    path.symlink_to(os.ttyname(terminal))
    put(path, force=force)
    assert os.read(person, 100) == b"new\r\n"
    assert path.is_symlink()
    assert path.is_char_device()
    os.close(person)
    os.close(terminal)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_is_refused(tmp_path: Path, force: bool) -> None:
    with pytest.raises(InputError, match="is a folder"):
        put(tmp_path, force=force)


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        put(tmp_path / "x/y.csv")


def test_standard_output_by_its_name_is_standard_output(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from glowtool.store.exports.target import write_to;"
        "print('before', flush=True); write_to(Path('/dev/stdout'), lambda to: to.write(b'new\\n'), force=False)"
    )
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], check=True, stdout=out)  # noqa: S603 - our own code
    assert (tmp_path / "out").read_text() == "before\nnew\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    journal, checkpoint = record(folder / "logs", 3, session_id="20261120T080000Z-aaaaaa")
    journal.close(checkpoint)
    finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    return folder


#: What stands behind the command, and how that ends.
PLACES = {
    ">&-": 18,
    ">/dev/full": 18,
    "-o pipe & cat pipe >seen; wait $!": 0,
    ">seen": 0,
    "| cat >seen; exit ${PIPESTATUS[0]}": 0,
}
FAST = ((">&-", "csv"), ("-o pipe & cat pipe >seen; wait $!", "parquet"))


@pytest.mark.parametrize(
    ("line", "form", "status"),
    [
        pytest.param(line, form, status, marks=[] if (line, form) in FAST else pytest.mark.long)
        for line, status in PLACES.items()
        for form in ("csv", "parquet")
    ],
)
def test_an_export_is_taken_whole_or_is_an_error(data: Path, tmp_path: Path, form: str, line: str, status: int) -> None:
    os.mkfifo(tmp_path / "pipe")
    glowtool = Path(sys.executable).with_name("glowtool")
    done = subprocess.run(  # noqa: S603 - our own line
        ["/bin/bash", "-c", f"{glowtool} logs export last --format {form} {line}"],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "GLOWTOOL_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == status, done.stderr
    if status:
        assert re.fullmatch(r"glowtool: [^\n]+\n", done.stderr), done.stderr
        assert "internal" not in done.stderr
    else:
        assert (tmp_path / "seen").stat().st_size > 200
        assert done.stderr == ""
