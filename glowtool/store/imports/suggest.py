"""A proposal of a mapping, guessed from the first lines of a file, for a person to correct."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.kit.storage.files import storing
from glowtool.store.imports.mapping import PLACES, QUANTITIES, TIMES, UNITS, ZONES
from glowtool.store.imports.rows import NOTHING, require_file

if TYPE_CHECKING:
    from pathlib import Path

_LOOKED_BYTES: Final = 1 << 16
#: A comma last: it may stand in numbers.
_SEPARATORS: Final = (";", "\t", "|", ",")
_TIME: Final = re.compile(r"\b(time|timestamp|zeit|t|sec|seconds|ms|millis)\b|^t", re.IGNORECASE)
_TRAVEL: Final = re.compile(r"travel|distance|position|weg|encoder", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"[\[(/_ ]([A-Za-z0-9/µ]+)[\])]?$")
#: Places in the order in which unnamed columns get them.
_USUAL: Final = ("left-front", "right-front", "left-rear", "right-rear", "left-head", "right-head", "tool")


def suggested(path: Path) -> str:
    """Return the text of a mapping for a file; raises `InputError` where it is no table of numbers."""
    encoding, lines = _lines(path)
    separator = next((sign for sign in _SEPARATORS if lines and all(sign in line for line in lines[-20:])), ",")
    comma = separator != "," and any(re.search(r"\d,\d", line) for line in lines)
    rows = [[cell.strip().strip('"') for cell in line.split(separator)] for line in lines]
    first = next((at for at, row in enumerate(rows) if _is_data(row, comma=comma)), None)
    if first is None:
        raise InputError(
            f"{path} has no line of numbers in its first {_LOOKED_BYTES // 1024} KiB", advice="name a CSV file"
        )
    names = rows[first - 1] if first else [str(at) for at in range(1, len(rows[0]) + 1)]
    time = next((name for name in names if _TIME.search(name)), None)
    head = [
        "# A guess of glowtool from the first lines of the file: check every line, most of all units and places.",
        "",
        "[file]",
        f"separator = {_quoted(separator)}",
        f"decimal = {_quoted(',' if comma else '.')}",
        f"encoding = {_quoted(encoding)}",
        f"header_lines = {first}  # the last of them names the columns; 0: they are called 1, 2, 3",
        "",
        "[time]",
        *([f"column = {_quoted(time)}", f"unit = {_quoted(_time_unit(time))}  # {', '.join(TIMES)}"] if time else
          ['rate_hz = 100  # rows a second; or: column = "…" and unit = "s"']),
        "",
        "[session]",
        f"zone = \"cheek-left\"  # {', '.join(ZONES)}",
        '# title = "Imported recording"',
        '# device = "another device"',
        "# started = 2026-11-30T18:00:00+01:00  # else: by the time of the file",
        "# band_kpa = [2.0, 5.0]",
    ]  # fmt: skip
    return "\n".join([*head, *_channels(names, time)]) + "\n"


def _channels(names: list[str], time: str | None) -> list[str]:
    lines: list[str] = []
    free = list(_USUAL)
    for name in (name for name in names if name != time):
        travels = bool(_TRAVEL.search(name))
        place = _place(name, free) if not travels else "left-head"
        if place is None:
            break
        quantity = QUANTITIES[1] if travels else QUANTITIES[0]
        unit = _unit(name, "mm" if travels else "kPa")
        lines += [
            "",
            "[[channels]]",
            f"column = {_quoted(name)}",
            f"quantity = {_quoted(quantity)}  # {', '.join(QUANTITIES)}",
            f"place = {_quoted(place)}  # {', '.join(PLACES)}",
            f"unit = {_quoted(unit)}  # {', '.join(unit for units in UNITS.values() for unit in units)}",
            "scale = 1.0  # value = column × scale + offset, in that unit",
            "offset = 0.0",
        ]
    return lines


def _place(name: str, free: list[str]) -> str | None:
    """Return the place that a name hints at, or the next free one."""
    low = name.lower()
    side = (
        "left"
        if re.search(r"left|links|(\b|_)l(\b|_)", low)
        else "right"
        if re.search(r"right|rechts|(\b|_)r(\b|_)", low)
        else ""
    )
    found = next((place for place in free if side and place.startswith(side)), free[0] if free else None)
    if found is not None:
        free.remove(found)
    return found


def _unit(name: str, usual: str) -> str:
    hint = _IN_BRACKETS.search(name.strip())
    known = {unit.lower(): unit for units in UNITS.values() for unit in units}
    return known.get(hint[1].lower(), usual) if hint else usual


def _time_unit(name: str) -> str:
    hint = _IN_BRACKETS.search(name.strip())
    word = (hint[1] if hint else name).lower().replace("µ", "u")
    return word if word in TIMES else "ms" if "ms" in word or "milli" in word else "s"


def _is_data(row: list[str], *, comma: bool) -> bool:
    if not any(row):
        return False
    numbers = 0
    for cell in row:
        if cell.lower() in NOTHING:
            continue
        try:
            float(cell.replace(",", ".") if comma else cell)
        except ValueError:
            return False
        numbers += 1
    return numbers > 0


def _lines(path: Path) -> tuple[str, list[str]]:
    require_file(path)
    with storing(f"read {path}"), path.open("rb") as stream:
        content = stream.read(_LOOKED_BYTES)
        whole = not stream.read(1)
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    try:
        text = content.decode(encoding, errors="strict" if whole else "ignore")
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = content.decode(encoding, errors="replace")
    lines = text.removeprefix("\ufeff").splitlines()
    return encoding, lines if whole else lines[:-1]


def _quoted(text: str) -> str:
    """Return a text as a string of TOML."""
    escaped = "".join(
        f"\\u{ord(letter):04x}" if not letter.isprintable() else f"\\{letter}" if letter in '"\\' else letter
        for letter in text
    )
    return f'"{escaped}"'
