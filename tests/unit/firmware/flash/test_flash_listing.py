"""The listing of a flash image tells valid, outdated and damaged records apart, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from glowsim.console.commands import cli
from glowsim.evidence.flash_listing import list_flash
from glowsim.firmware.flash.layout import RECORD_HEAD, Kind
from glowsim.firmware.flash.records import RecordStore
from glowsim.roller.flash_file import flash_file
from glowtool.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def _image(folder: Path) -> Path:
    path = folder / "flash.bin"
    with flash_file(path) as chip:
        store = RecordStore(chip)
        store.put(Kind.SETTINGS, 0, b'{"a":1}')
        store.put(Kind.SETTINGS, 0, b'{"a":2}')
        store.put(Kind.BOND, 3, b"a secret key")
        store.put(Kind.MASSAGE, 7, b"to be deleted")
        store.delete(Kind.MASSAGE, 7)
    return path


def test_what_counts_is_what_the_firmware_takes(tmp_path: Path) -> None:
    path = _image(tmp_path)
    before = path.read_bytes()
    listing = list_flash(tmp_path)
    counting = {(record.kind, record.key): record.text for record in listing.records if record.counts}
    assert counting == {("settings", 0): '{"a":2}', ("bond", 3): None}
    assert [record.deleted for record in listing.records] == [False, False, False, False, True]
    assert (listing.sectors, listing.sectors_free, listing.damaged) == (32, 31, 0)
    assert path.read_bytes() == before


def test_a_damaged_record_is_counted_and_the_older_one_counts_again(tmp_path: Path) -> None:
    path = _image(tmp_path)
    newer = next(record for record in list_flash(path).records if record.text == '{"a":2}')
    image = bytearray(path.read_bytes())
    image[newer.address + RECORD_HEAD] ^= 1
    path.write_bytes(image)
    listing = list_flash(path)
    assert listing.damaged == 1
    assert next(record.text for record in listing.records if record.kind == "settings" and record.counts) == '{"a":1}'


def test_the_command_shows_no_keys_and_says_what_is_no_image(tmp_path: Path) -> None:
    _image(tmp_path)
    printed = CliRunner().invoke(cli, ["flash", "--all", str(tmp_path)]).output
    assert "secret" not in printed
    assert '7 bytes  outdated  {"a":1}' in printed
    assert printed.splitlines()[-1].startswith("31 of 32 sectors free")
    document = json.loads(CliRunner().invoke(cli, ["flash", "--json", str(tmp_path)]).output)
    assert [record["kind"] for record in document["records"]] == ["settings", "bond"]
    (tmp_path / "short.bin").write_bytes(b"x")
    with pytest.raises(InputError, match="image of 1 bytes"):
        list_flash(tmp_path / "short.bin")
    with pytest.raises(InputError, match="No such file"):
        list_flash(tmp_path / "absent.bin")
