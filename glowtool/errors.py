"""Everything that can go wrong, and the exit status a shell sees.

    GlowtoolError                       1   something failed that has no class of its own yet
    ├── UsageError                      2   the command was typed wrong
    ├── InputError                      3   a file or value from outside is not acceptable
    │   ├── RoutineError                3   a routine does not validate
    │   └── ScenarioError               3   a simulator scenario does not validate
    ├── AdapterError                   10   no usable Bluetooth adapter
    │   └── AdapterUnavailableError    10   the adapter is absent, off, or cannot be reached
    ├── DeviceNotFoundError            11   no such roller in reach, or none known
    ├── LinkError                      12   a connection could not be made or was lost
    │   ├── ConnectFailedError         12   the roller was seen but did not answer
    │   └── ConnectionLostError        12   the connection ended while it was needed
    ├── PairingError                   13   pairing failed
    │   ├── PasskeyWrongError          13   the passkey is not the one on the display
    │   ├── PairingWindowClosedError   13   nobody opened the pairing window on the roller
    │   ├── PairingTimeoutError        13   nobody answered in time
    │   ├── PairingCancelledError      13   the person said no
    │   ├── WeakPairingError           13   nobody could check that it is the right roller
    │   ├── BondsFullError             13   the roller has no room for another bond
    │   └── AlreadyPairedError         13   this computer keeps a bond with the roller already
    ├── NotPairedError                 14   the roller wants a bond that is not there, or is no longer valid
    │   └── BondStaleError             14   a bond is kept here that the roller no longer knows
    ├── ProtocolError                  15   the roller said something that the protocol does not allow
    │   ├── VersionRefusedError        15   another major version of the protocol
    │   └── DecodeError                15   bytes that do not decode
    ├── CommandRefusedError            16   the roller refused a command, and said why
    │   └── NotOfferedError            16   devices of this kind do not offer the command
    ├── SafetyError                    17   a ceiling or a rule of safety would be broken
    │   ├── ScreeningError             17   nobody was screened for an output, or an answer speaks against it
    │   └── RogueRollerError           17   the roller did something else than it was sent, and was stopped
    ├── StoreError                     18   a log cannot be written or read
    │   ├── LogNotFoundError           18   no such log
    │   └── LogDamagedError            18   a log that does not verify
    ├── MissingExtraError              19   a feature needs a package that is not installed
    ├── InUseError                     20   another glowtool uses the roller
    └── InterruptedSessionError       130   stopped by a signal or a closed terminal; outputs are zero, the log is kept

The table in `docs/reference/exit-codes.md` is generated from these classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from glowtool.problem import Problem


def joined(says: str, advice: str) -> str:
    """Return a message and its advice as one sentence."""
    return "; ".join(filter(None, (says, advice)))


class GlowtoolError(Exception):
    """Something failed: `says` names what and where, `advice` what to do next, if anything.

    Together they are the message, one line, whatever it quotes; listed details have lines of their own.
    """

    exit_code: ClassVar[int] = 1
    meaning: ClassVar[str] = "something failed that has no exit status of its own"
    says: str
    advice: str
    _listed: tuple[str, ...] = ()

    def __init__(self, says: str = "", *, advice: str = "") -> None:
        super().__init__(joined(says, advice))
        self.says, self.advice = says, advice

    def advise(self, further: str) -> None:
        """Add to the advice."""
        self.advice = joined(self.advice, further)
        self.args = (joined(self.says, self.advice),)

    def listing(self, *lines: str) -> Self:
        """Add lines below the message, and return the error."""
        self._listed = lines
        return self

    @property
    def lines(self) -> tuple[str, ...]:
        """The message, and what it lists, a line each."""
        return (super().__str__(), *self._listed)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class UsageError(GlowtoolError):
    """The command was typed wrong."""

    exit_code = 2
    meaning = "the command was typed wrong"


class InputError(GlowtoolError):
    """A file or a value from outside is not acceptable."""

    exit_code = 3
    meaning = "a file or a value is not acceptable"

    def __init__(self, says: str = "", *, advice: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(says, advice=advice)
        self.problems = problems


class RoutineError(InputError):
    """A routine does not validate."""


class ScenarioError(InputError):
    """A simulator scenario does not validate."""


class AdapterError(GlowtoolError):
    """There is no usable Bluetooth adapter."""

    exit_code = 10
    meaning = "no usable Bluetooth adapter"


class AdapterUnavailableError(AdapterError):
    """The adapter is absent, switched off, or cannot be reached."""


class DeviceNotFoundError(GlowtoolError):
    """No such roller is in reach, or none is known."""

    exit_code = 11
    meaning = "no such roller in reach, or none known"


class LinkError(GlowtoolError):
    """A connection could not be made, or was lost."""

    exit_code = 12
    meaning = "a connection could not be made, or was lost"


class ConnectFailedError(LinkError):
    """The roller was seen but did not answer."""


class ConnectionLostError(LinkError):
    """The connection ended while it was needed."""


class PairingError(GlowtoolError):
    """Pairing failed."""

    exit_code = 13
    meaning = "pairing failed"


class PasskeyWrongError(PairingError):
    """The passkey given is not the one on the roller's display."""


class PairingWindowClosedError(PairingError):
    """Nobody opened the pairing window on the roller."""


class PairingTimeoutError(PairingError):
    """Nobody answered in time."""


class PairingCancelledError(PairingError):
    """The person said no."""


class WeakPairingError(PairingError):
    """The pairing would have been Just Works, which nobody accepted; no bond is kept."""


class BondsFullError(PairingError):
    """The roller has no room for another bond."""


class AlreadyPairedError(PairingError):
    """This computer keeps a bond with the roller already; it must go before a new one is made."""


class NotPairedError(GlowtoolError):
    """The roller wants a bond that is not there, or that is no longer valid."""

    exit_code = 14
    meaning = "not paired with this roller, or the bond is no longer valid"


class BondStaleError(NotPairedError):
    """This computer keeps a bond that the roller no longer knows, or that belongs to another roller by now."""


class ProtocolError(GlowtoolError):
    """The roller said something that the protocol does not allow."""

    exit_code = 15
    meaning = "the roller and glowtool do not speak the same protocol"


class VersionRefusedError(ProtocolError):
    """The roller speaks another major version of the protocol."""


class DecodeError(ProtocolError):
    """Bytes do not decode."""


class CommandRefusedError(GlowtoolError):
    """The roller refused a command, and said why."""

    exit_code = 16
    meaning = "the roller refused a command"


class NotOfferedError(CommandRefusedError):
    """Devices of this kind do not offer the command; nothing was sent."""


class SafetyError(GlowtoolError):
    """A ceiling or a rule of safety would be broken."""

    exit_code = 17
    meaning = "a safety limit would be broken"


class ScreeningError(SafetyError):
    """An output is asked for, but nobody was screened for it, or an answer of the person speaks against it.

    `answerable`: answers are missing or too old, and the questions may be asked now.
    """

    def __init__(self, says: str = "", *, advice: str = "", answerable: bool = False) -> None:
        super().__init__(says, advice=advice)
        self.answerable = answerable


class RogueRollerError(SafetyError):
    """By its own reports, the roller did not do what it was sent; it was stopped and is not started again."""


class StoreError(GlowtoolError):
    """A log cannot be written or read."""

    exit_code = 18
    meaning = "a log cannot be written or read"


class LogNotFoundError(StoreError):
    """The log does not exist."""


class LogDamagedError(StoreError):
    """A log does not verify."""


class MissingExtraError(GlowtoolError):
    """A feature needs a package that is not installed."""

    exit_code = 19
    meaning = "a feature needs a package that is not installed"


class InUseError(GlowtoolError):
    """Another glowtool uses the roller; the message says which command, which process, and since when."""

    exit_code = 20
    meaning = "in use by another glowtool"


class InterruptedSessionError(GlowtoolError):
    """The session was stopped by a signal or a closed terminal; outputs are zero and the log is kept."""

    exit_code = 130
    meaning = "stopped by Ctrl-C, SIGTERM, SIGQUIT or a closed terminal; outputs are zero and the log is kept"
