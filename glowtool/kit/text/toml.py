"""TOML files from people, trusted or not: read within bounds, so that none takes much time or memory.

Bounds apply before the parser sees a file: opening a file of the wrong kind never waits, the size is limited, and keys
have few parts. The parser itself detects too deep nesting.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, Problem
from glowtool.kit.text.toml_lines import key_lines, line_of

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.kit.text.toml_lines import Place

#: Forty times the longest routine or scenario that comes with glowtool.
LIMIT_BYTES: Final = 128 * 1024

#: Our keys have at most three.
MAX_KEY_PARTS: Final = 32

#: The longest value of any key, written in escapes, fits several times.
MAX_LINE: Final = 16_000

#: A longer list does not help to correct a file.
MAX_PROBLEMS: Final = 50

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)

#: A dotted key. The pattern never backtracks, so that it is as fast on a hostile line.
_LONG_KEY: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){%d}""" % MAX_KEY_PARTS  # noqa: UP031 - braces
)

_SYNTAX: Final = re.compile(r"^(?P<what>.*?) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")

#: The first bytes of a text in UTF-16.
_UTF16: Final = frozenset((b"\xff\xfe", b"\xfe\xff"))

#: Characters that look like a space, from web pages and word processors.
_ODD_SPACES: Final = re.compile("[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]")

#: A value such as 2,5.
_DECIMAL_COMMA: Final = re.compile(r"=[ \t]*+([+-]?\d{1,9}),(\d{1,9})(?!\S)")

#: Without the sign.
_BITS: Final = 63

#: Quotation marks from word processors and phones, in place of those of TOML.
_CURLY: Final = frozenset("“”„‟‘’‚‛«»")


def read_toml_text(path: Path, limit_bytes: int = LIMIT_BYTES) -> str:
    """Return the text of a regular file, without a byte order mark; raises `InputError`, with a line if there is one.

    Raises `OSError` as `open` does.
    """
    _require_regular(path.stat())  # some devices do something when they are opened
    with os.fdopen(os.open(path, _FLAGS), "rb") as stream:
        _require_regular(os.fstat(stream.fileno()))
        content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise InputError(f"it is longer than the {limit_bytes // 1024} KiB that are allowed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        other = "; it is UTF-16: save it as UTF-8" if content[:2] in _UTF16 else ""
        raise _wrong(f"this is not UTF-8 text{other}", line) from error


def parse_toml(text: str) -> dict[str, object]:
    """Return the content of a TOML text; raises `InputError` with one problem, which names the line if it has one."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise _wrong(f"this line has {len(line)} characters; allowed: {MAX_LINE}", number)
        if line.count(".") >= MAX_KEY_PARTS and _LONG_KEY.search(line):
            raise _wrong(f"a key here has more than {MAX_KEY_PARTS} parts", number)
    try:
        root = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(error, text) from error
    except RecursionError:
        raise _wrong("tables or lists are nested too deeply", None) from None
    except ValueError as error:  # a number of more digits than Python reads
        raise _wrong("a number has too many digits", _line_of_digits(text)) from error
    _require_64_bits(root, text)
    return root


def _require_64_bits(root: dict[str, object], text: str) -> None:
    """Refuse whole numbers beyond TOML's range: in hexadecimal, one may have more digits than Python prints."""
    waiting: list[tuple[Place, object]] = [((), root)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict):
            waiting += (((*place, key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting += (((*place, index), inner) for index, inner in enumerate(value))
        elif isinstance(value, int) and value.bit_length() > _BITS:
            raise _wrong("a whole number is longer than 64 bits", line_of(key_lines(text), place))


def _syntax(error: tomllib.TOMLDecodeError, text: str) -> InputError:
    match = _SYNTAX.match(str(error))
    if match is None:
        return _wrong(str(error), None)
    line = int(match["line"]) if match["line"] else text.count("\n") + 1
    wrong = text.split("\n")[line - 1]
    curly = sorted(_CURLY.intersection(wrong))
    hint = f'; {" ".join(curly)} are not quotation marks of TOML, " is' if curly else ""
    if _ODD_SPACES.search(wrong):
        hint += "; a space here is a no-break space or another special one; TOML needs plain spaces"
    if comma := _DECIMAL_COMMA.search(wrong):
        hint += f"; write a decimal with a point: {comma[1]}.{comma[2]}"
    return _wrong(f"this is not TOML: {match['what']}{hint}", line)


def _line_of_digits(text: str) -> int | None:
    found = re.search(r"[\d_]{4300}", text)
    return None if found is None else text.count("\n", 0, found.start()) + 1


def _wrong(what: str, line: int | None) -> InputError:
    problem = Problem(line=line, what=what, allowed="TOML 1.0")
    return InputError(str(problem), problems=(problem,))


def _require_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"it is {_kind(found.st_mode)}")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "a socket"
