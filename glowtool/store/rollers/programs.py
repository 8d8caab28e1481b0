"""The names of stored programs: a roller reports only the CRC of its button's program; this remembers the routine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import LogDamagedError
from glowtool.kit.storage.files import make_folder, storing, write_atomic
from glowtool.store.bounds import MANIFEST_MAX_BYTES
from glowtool.store.regular import read_regular

if TYPE_CHECKING:
    from pathlib import Path

FORMAT_VERSION: Final = 1


class KeptProgram(BaseModel):
    """The routine from which a program stored for a button was compiled, by name and title."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Annotated[int, Field(ge=1, le=FORMAT_VERSION, description="version of this format")] = (
        FORMAT_VERSION
    )
    crc32: Annotated[str, Field(pattern="^[0-9a-f]{8}$", description="CRC-32 of the program, hexadecimal")]
    name: Annotated[str, Field(description="name of the routine that it was compiled from")]
    title: Annotated[str, Field(description="title of the routine")]
    steps: Annotated[int, Field(ge=1, description="number of steps")]
    duration_s: Annotated[float, Field(gt=0, description="duration of all steps together, s")]
    peak_ua: Annotated[float | None, Field(ge=0, description="largest current, µA; an older glowtool noted none")] = (
        None
    )
    amplitude: Annotated[float | None, Field(ge=0, description="largest vibration, share of full; likewise")] = None


def keep_program(folder: Path, program: KeptProgram) -> None:
    """Write the name of a program to disk; raises `StoreError`."""
    path = _path(folder, program.crc32)
    text = json.dumps(program.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    with storing(f"write {path}", kept="the roller's program is unchanged"):
        make_folder(folder)
        write_atomic(path, lambda stream: stream.write(text.encode()))


def find_program(folder: Path, crc32: str) -> KeptProgram | None:
    """Return the known facts of a program, or None. A damaged file counts as none, since only a name is lost."""
    path = _path(folder, crc32)
    with storing(f"read {path}"):
        try:
            content = read_regular(path, MANIFEST_MAX_BYTES)
        except (FileNotFoundError, LogDamagedError):
            return None
    try:
        found = KeptProgram.model_validate_json(content)
    except ValidationError:
        return None
    return found if found.crc32 == crc32 else None


def _path(folder: Path, crc32: str) -> Path:
    return folder / f"{crc32}.json"
