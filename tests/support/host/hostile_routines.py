"""Routines that are damaged at random from a seed, or made by hand to harm."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

from glowtool.store.routines.load import builtin_names

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

_PIECES: Final = (
    *(b"[[steps]]\n", b"[steps.vibration]\n", b"name = 1\n", b'title = "\\ud800"\n'),
    *(b'"', b"'", b'"""', b"'''", b"{", b"[", b"]", b"}", b"=", b".", b"#", b"\\u", b"\\", b"\r", b"\n"),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xc2\x9b"),
    *(b"inf", b"nan", b"-", b"1e999", b"9" * 40, b"2026-13-99T99:99:99", b"true", b"0x"),
)


def _by_hand() -> dict[str, Callable[[Path], None]]:
    def holding(text: str) -> Callable[[Path], None]:
        def make(path: Path) -> None:
            path.write_text(text, "utf-8")

        return make

    return {
        "100 000 headers": holding("".join(f"[a{number}]\n" for number in range(100_000))),
        "10 000 headers": holding("".join(f"[a{number}]\n" for number in range(10_000))),
        "20 000 parts": holding(".".join("a" * 20_000) + " = 1\n"),
        "20 000 parts in a header": holding("[" + ".".join("a" * 20_000) + "]\n"),
        "7 000 parts in an inline table": holding("x = {" + ".".join("a" * 7_000) + " = 1}\n"),
        "32 parts, often": holding("".join(".".join(f"a{row}" for _ in range(32)) + " = 1\n" for row in range(800))),
        "quoted parts": holding(".".join(['"a"'] * 3_000) + " = 1\n"),
        "open quotes": holding('"' * 15_000 + "\n" + "'" * 15_000),
        "many open texts": holding('x = """\n"' * 10_000),
        "a string of 100 MB": lambda path: _large(path, b'title = "', 100_000_000),
        "nested lists": holding("x = " + "[" * 60_000),
        "nested lists within a line": holding("x = " + "[" * 15_000),
        "nested tables within a line": holding("x = " + "{a=" * 5_000),
        "nested tables": holding("x = " + "{a=" * 30_000),
        "nested repeats within a line": holding("steps = [" + "{repeat=1,steps=[" * 200 + "]}" * 200 + "]\n"),
        "nested repeats": holding("".join(f"[[steps{'.steps' * depth}]]\nrepeat = 64\n" for depth in range(30))),
        "repeats by the million": holding(
            "".join(f"[[steps{'.steps' * depth}]]\nrepeat = 64\n" for depth in range(8))
            + f"[[steps{'.steps' * 8}]]\nzone = 'chin'\nduration_s = 1\n"
        ),
        "nested, and closed": holding("x = " + "[" * 200 + "]" * 200),
        "a number of 5 000 digits": holding("x = " + "1" * 5_000),
        "50 000 problems": holding("".join(f"k{number}=0\n" for number in range(14_000))),
        "10 000 steps": holding("[[steps]]\n" * 10_000),
        "one long word": holding("x" * 120_000),
        "dots": holding("x = 1\n" + "." * 15_000),
        "empty": holding(""),
        "a pipe": os.mkfifo,
        "a folder": lambda path: path.mkdir(),
        "a device": lambda path: path.symlink_to("/dev/zero"),
        "no end of random": lambda path: path.symlink_to("/dev/urandom"),
        "a terminal": lambda path: path.symlink_to("/dev/tty"),
        "a link to itself": lambda path: path.symlink_to(path),
        "a link to nothing": lambda path: path.symlink_to(path.with_name("nothing")),
        "a socket": _socket,
        "the process's own memory": lambda path: path.symlink_to("/proc/self/mem"),
    }


def _large(path: Path, head: bytes, size_bytes: int) -> None:
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(size_bytes)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


#: What was made by hand, by name: each puts one thing in a place.
BY_HAND: Final = _by_hand()


def damaged(chance: random.Random, library: dict[str, bytes]) -> bytes:
    """Return a routine of the library after one to twelve damages: cuts, flips, insertions, repetitions."""
    content = bytearray(library[chance.choice(sorted(library))])
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(content) + 1)
        match chance.randrange(6):
            case 0:
                del content[at : at + chance.randint(1, 200)]
            case 1 if at < len(content):
                content[at] ^= 1 << chance.randrange(8)
            case 2:
                content[at:at] = chance.choice(_PIECES) * chance.choice((1, 1, 2, 50, 2000))
            case 3:
                content[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 40)))
            case 4:
                content[at:at] = content[at : at + chance.randint(1, 400)] * chance.randint(1, 30)
            case _:
                content[at:at] = ".".join("ab" * chance.randint(1, 60)).encode()
    return bytes(content)


def library_of(folder: Path) -> dict[str, bytes]:
    """Return the built-in routines as they stand in their files."""
    return {name: (folder / f"{name}.toml").read_bytes() for name in builtin_names()}
