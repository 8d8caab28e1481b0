"""TOML from people, trusted or not: taken within bounds, so that none takes much time or memory.

The bounds apply before the parser sees a text: lines are not too long, and keys have few parts. The parser itself
detects too deep nesting.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.kit.text.toml_lines import key_lines, line_of
from glowtool.problem import Problem

if TYPE_CHECKING:
    from glowtool.kit.text.toml_lines import Place

#: Our keys have at most three.
MAX_KEY_PARTS: Final = 32

#: The longest value of any key, written in escapes, fits several times.
MAX_LINE: Final = 16_000

#: A longer list does not help to correct a file.
MAX_PROBLEMS: Final = 50

#: A dotted key. The pattern never backtracks, so that it is as fast on a hostile line.
_LONG_KEY: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){%d}""" % MAX_KEY_PARTS  # noqa: UP031 - braces
)

_SYNTAX: Final = re.compile(r"^(?P<what>.*?) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")

#: Characters that look like a space, from web pages and word processors.
_ODD_SPACES: Final = re.compile("[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]")

#: A value such as 2,5.
_DECIMAL_COMMA: Final = re.compile(r"=[ \t]*+([+-]?\d{1,9}),(\d{1,9})(?!\S)")

#: Without the sign.
_BITS: Final = 63

#: Quotation marks from word processors and phones, in place of those of TOML.
_CURLY: Final = frozenset("“”„‟‘’‚‛«»")


def parse_toml(text: str) -> dict[str, object]:
    """Return the content of a TOML text; raises `InputError` with one problem, which names the line if it has one."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise toml_error(f"this line has {len(line)} characters; allowed: {MAX_LINE}", number)
        if line.count(".") >= MAX_KEY_PARTS and _LONG_KEY.search(line):
            raise toml_error(f"a key here has more than {MAX_KEY_PARTS} parts", number)
    try:
        root = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(error, text) from error
    except RecursionError:
        raise toml_error("tables or lists are nested too deeply", None) from None
    except ValueError as error:  # a number of more digits than Python reads
        raise toml_error("a number has too many digits", _line_of_digits(text)) from error
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
            raise toml_error("a whole number is longer than 64 bits", line_of(key_lines(text), place))


def _syntax(error: tomllib.TOMLDecodeError, text: str) -> InputError:
    match = _SYNTAX.match(str(error))
    if match is None:
        return toml_error(str(error), None)
    line = int(match["line"]) if match["line"] else text.count("\n") + 1
    wrong = text.split("\n")[line - 1]
    curly = sorted(_CURLY.intersection(wrong))
    hint = f'; {" ".join(curly)} are not quotation marks of TOML, " is' if curly else ""
    if _ODD_SPACES.search(wrong):
        hint += "; a space here is a no-break space or another special one; TOML needs plain spaces"
    if comma := _DECIMAL_COMMA.search(wrong):
        hint += f"; write a decimal with a point: {comma[1]}.{comma[2]}"
    return toml_error(f"this is not TOML: {match['what']}{hint}", line)


def _line_of_digits(text: str) -> int | None:
    found = re.search(r"[\d_]{4300}", text)
    return None if found is None else text.count("\n", 0, found.start()) + 1


def toml_error(what: str, line: int | None) -> InputError:
    """Return the error for what is wrong on a line; None: on none in particular."""
    problem = Problem(line=line, what=what, allowed="TOML 1.0")
    return InputError(str(problem), problems=(problem,))
