"""The man pages of the command line, made of the declared commands: `docs/man/glowtool.1`, and one for each command."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

import click

from glowtool.cli.app import COMMANDS, cli
from glowtool.version import __version__
from pages.commands import own_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODE: Final = re.compile(r"`([^`]+)`")
#: The longest line that tools for these pages like.
_WIDTH: Final = 80
_FILES: Final = (
    ("~/.local/share/glowtool", "Bonds, known rollers, logs, plans and routines, readable by their owner only."),
)


def render_manual() -> dict[str, str]:
    """Return the text of every man page by its file name."""
    context = click.Context(cli, info_name="glowtool")
    pages = {"glowtool.1": _main_page()}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        pages[f"glowtool-{name}.1"] = _command_page(command, name)
    return pages


def _main_page() -> str:
    lines = [*_head("glowtool", "pair a facial massage roller, run routines on it, analyse its pressure logs")]
    lines += [".SH SYNOPSIS", ".B glowtool", "[\\fIOPTION\\fR]... \\fICOMMAND\\fR [\\fIARGUMENT\\fR]..."]
    lines += [".SH DESCRIPTION", *_prose(cli.help or ""), *_prose(cli.epilog or "")]
    lines += [".SH COMMANDS"]
    for name, place in COMMANDS.items():
        lines += [".TP", f"\\fBglowtool\\-{_escaped(name)}\\fR(1)", _inline(place.help)]
    lines += [".SH OPTIONS", "Every command takes these, before or after its name.", *_options(cli)]
    lines += [".SH ENVIRONMENT"]
    for option in cli.params:
        if isinstance(option, click.Option) and isinstance(option.envvar, str):
            lines += [".TP", f".B {option.envvar}", f"The default of \\fB{_escaped(option.opts[0])}\\fR."]
    lines += [".SH FILES"]
    for path, meaning in _FILES:
        lines += [".TP", f".I {_escaped(path)}", _inline(meaning)]
    lines += [".SH EXIT STATUS", ".TP", ".B 0", "It worked."]
    for status, meaning in sorted({kind.exit_code: kind.meaning for kind in reversed(own_errors())}.items()):
        lines += [".TP", f".B {status}", _inline(f"{meaning[0].upper()}{meaning[1:]}.")]
    lines += [".SH SEE ALSO", ",\n".join(f".BR glowtool\\-{_escaped(name)} (1)" for name in COMMANDS)]
    return _text(lines)


def _command_page(command: click.Command, name: str) -> str:
    lines = [*_head(f"glowtool-{name}", _summary(command)), ".SH SYNOPSIS"]
    below = list(_below(command, ("glowtool", name)))
    for path, each in below or [(("glowtool", name), command)]:
        lines += [*_synopsis(each, path), ".br"]
    lines[-1:] = []
    lines += [".SH DESCRIPTION", *_prose(command.help or "")]
    if below:
        lines += [".SH COMMANDS"]
        for path, each in below:
            lines += [f".SS {_escaped(' '.join(path))}", *_prose(each.help or ""), *_options(each)]
    elif options := _options(command):
        lines += [".SH OPTIONS", *options]
    lines += [".SH SEE ALSO", ".BR glowtool (1)"]
    return _text(lines)


def _head(name: str, summary: str) -> Iterator[str]:
    yield '.\\" Generated from the declared commands by make docs.'
    yield f'.TH {_escaped(name.upper())} 1 "" "glowtool {__version__}" "glowtool manual"'
    yield from (".nh", ".ad l")  # names and JSON keys are copied from here: they are neither divided nor spread
    yield ".SH NAME"
    yield f"{_escaped(name)} \\- {_inline(summary)}"


def _below(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return
    context = click.Context(command, info_name=path[-1])
    for name in sorted(command.list_commands(context)):
        child = command.get_command(context, name)
        if isinstance(child, click.Group):
            yield from _below(child, (*path, name))
        elif child is not None:
            yield (*path, name), child


def _synopsis(command: click.Command, path: tuple[str, ...]) -> list[str]:
    context = click.Context(command, info_name=path[-1])
    pieces = " ".join(f"\\fI{_escaped(piece)}\\fR" for piece in command.collect_usage_pieces(context))
    return [f".B {_escaped(' '.join(path))}", pieces] if pieces else [f".B {_escaped(' '.join(path))}"]


def _options(command: click.Command) -> list[str]:
    context = click.Context(command, info_name=command.name)
    lines: list[str] = []
    for option in command.get_params(context):
        record = option.get_help_record(context) if isinstance(option, click.Option) and not option.hidden else None
        if record is not None:
            lines += [".TP", f"\\fB{_breaking(_escaped(record[0]))}\\fR", _inline(record[1] or " ")]
    return lines


def _breaking(text: str) -> str:
    """Return a text in which a line may end behind a bar: a list of choices may be longer than a line."""
    return text.replace("|", "|\\:")


def _prose(text: str) -> list[str]:
    """Return a help text as paragraphs, which roff fills."""
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        lines += [*([".PP"] if lines else []), _inline(" ".join(paragraph.split()))]
    return lines


def _summary(command: click.Command) -> str:
    line = command.get_short_help_str(200).removesuffix(".")
    return line[:1].lower() + line[1:]


def _inline(text: str) -> str:
    """Return a text for roff, with what stands in backquotes in bold; none of it is an order to roff."""
    parts = _CODE.split(text)
    joined = "".join(f"\\fB{_escaped(part)}\\fR" if at % 2 else _escaped(part) for at, part in enumerate(parts))
    return f"\\&{joined}" if joined[:1] in {".", "'"} else joined


def _escaped(text: str) -> str:
    special = {
        "|": "|\\:",
        "\\": "\\e",
        "-": "\\-",
        "'": "\\(aq",
        "`": "\\(ga",
        "~": "\\(ti",
        "^": "\\(ha",
        '"': "\\(dq",
    }
    return "".join(special.get(letter, letter) if letter.isascii() else f"\\[u{ord(letter):04X}]" for letter in text)


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for each in lines for line in _short(each))


def _short(line: str) -> list[str]:
    """Return a line of text as lines that are not long; an order to roff stays whole."""
    if line.startswith((".", "'")) or len(line) <= _WIDTH:
        return [line]
    pieces = textwrap.wrap(line, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return [f"\\&{piece}" if piece.startswith((".", "'")) else piece for piece in pieces]
