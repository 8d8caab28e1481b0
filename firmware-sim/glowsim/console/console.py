"""The console of the person who holds the roller: actions as typed lines, the same for a terminal and for `ctl`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, TypeVar

from glowsim.console.status import status_lines
from glowsim.faults.kind import Choice
from glowsim.faults.kinds import KINDS, find
from glowsim.roller.button import hold, press
from glowtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glowsim.faults.kind import Number
    from glowsim.roller.roller import Roller

T = TypeVar("T")

SHORT_PRESS_S: Final = 0.2
LONG_PRESS_S: Final = 2.5

#: Skin on which gel has dried, and under fresh gel.
MOISTURE: Final = {"dry": 0.15, "moist": 0.9}

#: Far beyond what any receiver hears.
AWAY_M: Final = 500.0

_SWITCH: Final = {"on": True, "off": False}
_ANSWER: Final = {"yes": True, "no": False}


class Console:
    """Obeys one line at a time, and calls `quit_` to have the roller switched off."""

    def __init__(self, roller: Roller, quit_: Callable[[], None]) -> None:
        self._roller = roller
        self._quit = quit_

    def obey(self, line: str) -> str:
        """Do what a line says and return the answer, in lines; UsageError or InputError says what is allowed."""
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"{line.strip()!r} cannot be read: {error}") from error
        if not words:
            return ""
        name, arguments = words[0].lower(), words[1:]
        command = _command(name)
        if not command.least <= len(arguments) <= command.most:
            raise UsageError(f"usage: {command.usage}")
        return command.act(self, arguments)

    def button(self, _words: list[str]) -> str:
        """Press the button."""
        return press(self._roller, SHORT_PRESS_S)

    def hold(self, _words: list[str]) -> str:
        """Hold the button."""
        return hold(self._roller, LONG_PRESS_S)

    def confirm(self, words: list[str]) -> str:
        """Say whether the host shows the same number."""
        self._roller.confirm(same=_one_of(words[0], "confirm", _ANSWER))
        return f"answered {words[0]}"

    def update_table(self, _words: list[str]) -> str:
        """Change the attribute table."""
        self._roller.update_table()
        return "the attribute table has changed"

    def new_address(self, _words: list[str]) -> str:
        """Change to another private address."""
        self._roller.renew_address()
        return "the private address changes once no host is connected"

    def lift(self, _words: list[str]) -> str:
        """Lift the roller."""
        self._roller.body.lift()
        return "lifted"

    def put_down(self, _words: list[str]) -> str:
        """Put the roller down again."""
        self._roller.body.set_down()
        self._roller.body.press(None)
        return "back on the skin"

    def press(self, words: list[str]) -> str:
        """Press with this pressure."""
        self._roller.body.press(_number(words[0], "press", 0.0, 40.0, "kPa"))
        return f"pressing at {words[0]} kPa"

    def gel(self, words: list[str]) -> str:
        """Change the skin's moisture."""
        self._roller.body.wet_skin(_one_of(words[0], "gel", MOISTURE))
        return f"skin {words[0].lower()}"

    def charge(self, words: list[str]) -> str:
        """Put the roller on its charger, or take it off."""
        self._roller.body.place_on_charger(charging=_one_of(words[0], "charge", _SWITCH))
        return f"charger {words[0].lower()}"

    def walk_away(self, words: list[str]) -> str:
        """Carry the roller out of reach, or this far away."""
        distance_m = _number(words[0], "walk-away", 0.01, 10_000.0, "m") if words else AWAY_M
        self._roller.go_away(distance_m)
        return f"{distance_m:g} m away"

    def come_back(self, _words: list[str]) -> str:
        """Bring the roller back."""
        self._roller.go_away(None)
        return "back"

    def battery(self, words: list[str]) -> str:
        """Set the battery's charge."""
        self._roller.body.set_battery(_number(words[0], "battery", 0.0, 100.0, "%"))
        return f"battery at {words[0]} %"

    def fault(self, words: list[str]) -> str:
        """Start or stop a fault."""
        name, *rest = words
        if rest == ["off"]:
            self._roller.faults.stop(name)
            return f"fault {name} is over"
        given = dict(_pair(word) for word in rest)
        if "for_s" in given and find(name).moment:
            raise UsageError(f"fault {name} is momentary and takes no for_s")
        for_s = _number(given.pop("for_s"), "for_s", 1e-3, 1e6, "s") if "for_s" in given else None
        self._roller.faults.start(name, for_s=for_s, **given)
        return f"fault {name} {'has struck' if find(name).moment else 'is on'}"

    def faults(self, _words: list[str]) -> str:
        """List the faults."""
        on = self._roller.faults.active
        off = [kind.name for kind in KINDS if kind not in [fault.kind for fault in on]]
        return "\n".join([*(f"on  {fault}" for fault in on), *(f"    {_fault_usage(name)}" for name in off)])

    def status(self, _words: list[str]) -> str:
        """Return the state of the roller."""
        return "\n".join(status_lines(self._roller))

    def help(self, words: list[str]) -> str:
        """List the commands, or explain one of them."""
        return help_on(words)

    def quit(self, _words: list[str]) -> str:
        """Switch off the roller, and all rollers that are served beside it."""
        self._quit()
        return "switching off"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the console: its usage, its meaning, the number of its arguments, its name in a list."""

    usage: str
    meaning: str
    act: Callable[[Console, list[str]], str]
    least: int = 0
    most: int = 0
    short: str = ""


_COMMANDS: Final[dict[str, Command]] = {
    "button": Command("button", "press the button: stop a massage, or start the stored one", Console.button),
    "hold": Command("hold", "hold the button until the pairing window opens", Console.hold),
    "confirm": Command("confirm yes|no", "say whether the host shows the same number", Console.confirm, 1, 1),
    "update-table": Command("update-table", "move the handles, as an update does; again: back", Console.update_table),
    "new-address": Command("new-address", "change the private address, if there is one", Console.new_address),
    "lift": Command("lift", "take the roller off the skin", Console.lift),
    "put-down": Command("put-down", "put the roller back on the skin, and press as usual", Console.put_down),
    "press": Command("press KPA", "press with about this pressure, 0 to 40 kPa", Console.press, 1, 1),
    "gel": Command("gel dry|moist", "dry the skin, or put gel on it", Console.gel, 1, 1),
    "charge": Command("charge on|off", "put the roller on its charger, or take it off", Console.charge, 1, 1),
    "walk-away": Command("walk-away [M]", "carry the roller out of reach, or M metres away", Console.walk_away, 0, 1),
    "come-back": Command("come-back", "bring the roller back to where it was", Console.come_back),
    "battery": Command("battery PERCENT", "set the battery's charge", Console.battery, 1, 1),
    "fault": Command(
        "fault NAME [KEY=VALUE…] [for_s=S], fault NAME off",
        "start a fault, or end it",
        Console.fault,
        1,
        9,
        short="fault NAME …",
    ),
    "faults": Command("faults", "list the faults, and show which are on", Console.faults),
    "status": Command("status", "show the roller's state, and what it really delivers", Console.status),
    "help": Command("help [WORD]", "list the commands, or show how one is used", Console.help, 0, 1),
    "quit": Command("quit", "end `glowsim serve` and switch off its rollers", Console.quit),
}


def help_on(words: Sequence[str]) -> str:
    """Return the commands of a console, one per line, or the usage of one; UsageError for an unknown one."""
    if words:
        command = _command(words[0].lower())
        more = [f"  {_fault_usage(kind.name)}" for kind in KINDS] if command.act is Console.fault else []
        return "\n".join([f"{command.usage}: {command.meaning}", *more])
    width = max(len(command.short or command.usage) for command in _COMMANDS.values())
    return "\n".join(f"{command.short or command.usage:<{width}}  {command.meaning}" for command in _COMMANDS.values())


def _command(name: str) -> Command:
    if name not in _COMMANDS:
        close = [known for known in _COMMANDS if known.startswith(name)] or get_close_matches(name, _COMMANDS, 1)
        guess = f"; did you mean {' or '.join(close)}?" if close else ""
        raise UsageError(f"{name!r} is not known; known are {', '.join(_COMMANDS)}{guess}")
    return _COMMANDS[name]


def _fault_usage(name: str) -> str:
    return " ".join([name, *(f"[{row.name}={_values(row)}]" for row in find(name).parameters)])


def _values(parameter: Number | Choice) -> str:
    if isinstance(parameter, Choice):
        return "|".join(parameter.options)
    return f"{parameter.low:.10g}…{parameter.high:.10g} {parameter.unit}".rstrip()


def _pair(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not equals:
        raise UsageError(f"{word!r} is not KEY=VALUE; usage: {_COMMANDS['fault'].usage}")
    return key, value


def _number(word: str, what: str, low: float, high: float, unit: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = low - 1.0
    if not low <= value <= high:
        raise UsageError(f"{what} is {word!r}; allowed: {low:.10g} to {high:.10g} {unit}")
    return value


def _one_of(word: str, what: str, allowed: Mapping[str, T]) -> T:
    if word.lower() not in allowed:
        raise UsageError(f"{what} is {word!r}; allowed: {', '.join(allowed)}")
    return allowed[word.lower()]
