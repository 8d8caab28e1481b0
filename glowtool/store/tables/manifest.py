"""The manifest: the content of a session's folder, how it was recorded, and whether it is whole."""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.kit.storage.files import storing, write_atomic
from glowtool.model.ending import Ending
from glowtool.store.bounds import CEILINGS_MAX, CHANNELS_MAX, MANIFEST_MAX_BYTES, RATE_MAX_HZ, STEPS_MAX
from glowtool.store.names import MANIFEST_NAME
from glowtool.store.regular import read_regular
from glowtool.store.tables.entries import (
    CellEntry,
    ChannelEntry,
    ClockEntry,
    CountersEntry,
    DamageEntry,
    DeviceEntry,
    ImportEntry,
    OrderEntry,
    StepSpan,
)
from glowtool.store.tables.state import LogState
from glowtool.store.times import Moment

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.model.channel import Channel

FORMAT_VERSION: Final = 1

#: The checksum's own field, which it does not cover.
_CHECK: Final = "manifest_crc32"


def _data_files(hashes: dict[str, str]) -> dict[str, str]:
    """Refuse hashes of anything but the log's own files, because the files named here are read."""
    for name, value in hashes.items():
        if not _DATA_FILE.match(name) or not _SHA256.match(value):
            raise ValueError(f"{name!r} is not a file of a log with its SHA-256")
    return hashes


_DATA_FILE: Final = re.compile(r"[a-z][a-z0-9_]{0,30}\.parquet\Z")
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


class Manifest(BaseModel):
    """Everything about a session that is not a sample, a stroke or an event."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    format_version: Annotated[int, Field(ge=1, description="version of this format")] = FORMAT_VERSION
    session_id: Annotated[
        str, Field(pattern=r"^[^\x00-\x20/\\]{1,80}$", description="UTC start and six random hexadecimal digits")
    ]
    state: Annotated[LogState, Field(description="recording, finished or recovered")] = LogState.RECORDING
    started_utc: Annotated[Moment, Field(description="start of the session")]
    ended_utc: Annotated[Moment | None, Field(description="end of the session; null while recording")] = None
    ending: Annotated[Ending | None, Field(description="why it ended; null while recording")] = None
    person: Annotated[
        str | None, Field(pattern="^[0-9a-f]{16}$", description="pseudonym of the person; null: none, or an older log")
    ] = None
    routine: Annotated[
        dict[str, JsonValue], Field(description="the routine as run, in full; empty: none, in a free recording")
    ]
    program_hex: Annotated[str, Field(description="the program as uploaded, hexadecimal; empty: none")]
    device: Annotated[DeviceEntry, Field(description="the roller")]
    channels: Annotated[
        tuple[ChannelEntry, ...],
        Field(max_length=CHANNELS_MAX, description="the roller's channel table, its fields as in the protocol page"),
    ]
    rate_hz: Annotated[int, Field(ge=1, le=RATE_MAX_HZ, description="samples a second")]
    ceilings: Annotated[
        dict[str, Annotated[float, Field(ge=0)]],
        Field(
            max_length=CEILINGS_MAX,
            description="the ceilings that the roller states, by name, in the units of the table of ceilings; "
            "empty: an older glowtool",
        ),
    ] = {}
    clock: Annotated[ClockEntry | None, Field(description="device time to unix time")] = None
    steps: Annotated[tuple[StepSpan, ...], Field(max_length=STEPS_MAX, description="when each step ran")] = ()
    cells: Annotated[
        tuple[CellEntry, ...],
        Field(max_length=CHANNELS_MAX, description="pressure cells that went bad; empty: none, or an older glowtool"),
    ] = ()
    counters: Annotated[
        CountersEntry,
        Field(description="the frames of all telemetry streams; of a recording that was cut off, as of its last sync"),
    ] = CountersEntry()
    sha256: Annotated[
        dict[str, str],
        Field(max_length=16, description="hash of each data file, by file name"),
        AfterValidator(_data_files),
    ] = {}
    order: Annotated[OrderEntry | None, Field(description="place among the sessions; null: an older glowtool")] = None
    imported: Annotated[ImportEntry | None, Field(description="what it was made of; null: glowtool recorded it")] = None
    damage: Annotated[DamageEntry | None, Field(description="what was lost; null: nothing that is known of")] = None
    manifest_crc32: Annotated[
        str | None,
        Field(description="CRC-32 of this object without this field, as JSON with sorted keys and no spaces"),
    ] = None
    #: Whether the file differs from what glowtool wrote; reported, not stored.
    altered: Annotated[bool, Field(exclude=True)] = False

    @property
    def is_free(self) -> bool:
        """Whether it is of a free recording: nothing ran, there was no routine."""
        return not self.routine and not self.program_hex

    def known_channels(self) -> tuple[Channel, ...]:
        """Return the channels that this glowtool knows; a newer roller may have more."""
        known = []
        for entry in self.channels:
            try:
                known.append(entry.channel())
            except ValueError:
                continue
        return tuple(known)


def manifest_text(manifest: Manifest) -> str:
    """Return a manifest as the text of its file, with its check."""
    content = manifest.model_dump(mode="json")
    return json.dumps({**content, _CHECK: _crc(content)}, indent=2, ensure_ascii=False) + "\n"


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Replace the manifest of a session's folder atomically, and return it with its check; raises `StoreError`."""
    content = manifest_text(manifest).encode(errors="replace")
    with storing(f"write {folder / MANIFEST_NAME}"):
        write_atomic(folder / MANIFEST_NAME, lambda stream: stream.write(content))
    return manifest_of(content, folder / MANIFEST_NAME)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a session's folder; raises `LogNotFoundError`, `LogDamagedError` or `StoreError`."""
    path = folder / MANIFEST_NAME
    with storing(f"read {path}"):
        try:
            content = read_regular(path, MANIFEST_MAX_BYTES)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise LogNotFoundError(f"{folder} holds no log: there is no {MANIFEST_NAME} in it") from error
    return manifest_of(content, path)


def manifest_of(content: bytes, path: Path) -> Manifest:
    """Return the manifest in the content of a file; the errors, as those of `read_manifest`, name `path`."""
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise LogDamagedError(f"{path} is damaged at {where}: {first['msg']}") from error
    if manifest.format_version > FORMAT_VERSION:
        raise StoreError(
            f"{path} has format version {manifest.format_version}, but this glowtool reads up to {FORMAT_VERSION}",
            advice="update glowtool",
        )
    return manifest if _is_unaltered(content, manifest) else manifest.model_copy(update={"altered": True})


def _is_unaltered(content: bytes, manifest: Manifest) -> bool:
    """Tell whether a manifest still has its checksum; an older one has none, so it cannot fail."""
    return manifest.manifest_crc32 is None or manifest.manifest_crc32 == _crc(json.loads(content))


def _crc(content: dict[str, object]) -> str:
    checked = {name: value for name, value in content.items() if name != _CHECK}
    text = json.dumps(checked, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{zlib.crc32(text.encode(errors='replace')):08x}"
