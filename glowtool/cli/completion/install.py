"""The installation of a shell's completion: one file of ours, and for bash and zsh one line in the person's own file.

The person's file is appended to and never replaced: it may be a link, as people keep them with their other settings.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from glowtool.errors import InputError
from glowtool.kit.storage.files import make_folder, storing, write_atomic

#: What marks our line in a file of the person.
MARK: Final = "# glowtool completion"

_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Shell:
    """One shell: its script, and the file that it reads when it starts, where it does not find ours by itself."""

    script: str
    startup: str | None
    home_variable: str = "HOME"


SHELLS: Final[dict[str, _Shell]] = {
    "bash": _Shell("glowtool.bash", ".bashrc"),
    "zsh": _Shell("glowtool.zsh", ".zshrc", "ZDOTDIR"),
    "fish": _Shell("glowtool.fish", None),
}


@dataclass(frozen=True, slots=True)
class Installed:
    """The result: our file, whether anything changed, and the person's file that reads it, if one has to."""

    path: Path
    changed: bool
    startup: Path | None = None


def script(shell: str) -> str:
    """Return the completion of a shell."""
    folder = resources.files("glowtool.cli.completion") / "scripts"
    return (folder / SHELLS[shell].script).read_text("utf-8")


def install(shell: str) -> Installed:
    """Write the completion of a shell to its place, and have the shell read it; raises `StoreError`."""
    path, startup = _places(shell)
    text = script(shell).encode()
    with storing(f"write {path}"):
        make_folder(path.parent)
        changed = not path.is_file() or path.read_bytes() != text
        if changed:
            write_atomic(path, lambda stream: stream.write(text))
    if startup is not None:
        changed = _add_line(startup, f"[ -r {_word(path)} ] && . {_word(path)}  {MARK}") or changed
    return Installed(path, changed, startup)


def remove(shell: str) -> Installed:
    """Remove what `install` did; raises `StoreError`."""
    path, startup = _places(shell)
    with storing(f"remove {path}"):
        changed = path.exists()
        path.unlink(missing_ok=True)
    if startup is not None:
        changed = _drop_line(startup) or changed
    return Installed(path, changed, startup)


def _places(shell: str) -> tuple[Path, Path | None]:
    found = SHELLS[shell]
    home = os.environ.get("HOME", "")
    if not home:
        raise InputError("there is no home folder: HOME is not set", advice="write what the command prints to a file")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path(home) / ".config")
    if found.startup is None:
        return config / "fish" / "completions" / found.script, None
    folder = Path(os.environ.get(found.home_variable) or home)
    return config / "glowtool" / found.script, folder / found.startup


def _add_line(startup: Path, line: str) -> bool:
    """Append our line to a person's file if it is not there; return whether it was written."""
    with storing(f"add a line to {startup}"):
        before = _content(startup)
        if line in before.splitlines():
            return False
        if MARK in before:
            _drop_line(startup)
            before = _content(startup)
        with startup.open("a", encoding="utf-8") as stream:
            stream.write(f"{'' if not before or before.endswith(chr(10)) else chr(10)}{line}\n")
    return True


def _drop_line(startup: Path) -> bool:
    """Remove our line from a person's file, in place; return whether it was there."""
    with storing(f"remove a line from {startup}"):
        before = _content(startup)
        kept = "".join(line for line in before.splitlines(keepends=True) if not line.rstrip().endswith(MARK))
        if kept == before:
            return False
        target = startup.resolve()
        mode = target.stat().st_mode
        write_atomic(target, lambda stream: stream.write(kept.encode("utf-8", "surrogateescape")))
        target.chmod(mode & 0o7777)
    return True


def _content(path: Path) -> str:
    if not path.exists():
        return ""
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise InputError(f"{path} is not a file that a shell reads", advice="check what it is")
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _word(path: Path) -> str:
    return shlex.quote(str(path))
