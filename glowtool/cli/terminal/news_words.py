"""The news of a use case, in words for a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from glowtool.app import news
from glowtool.cli.terminal.asking.questions import UNCHECKED
from glowtool.cli.terminal.massage_words import massage_line
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.kit.text.visible import visible
from glowtool.model.output import Output
from glowtool.stream.heads import all_of_them

if TYPE_CHECKING:
    from glowtool.app.news import ErrandNews, Tell
    from glowtool.cli.terminal.output import Printer
    from glowtool.store.rollers.in_use import Holder

_SHOWN: Final = 3


def shown_by(output: Printer) -> Tell:
    """Return the function that shows news: results as results, problems always, everything else as notes."""

    def tell(said: ErrandNews) -> None:
        match said:
            case news.Zeroed():
                _show_stop(output, said)
            case news.Fetched(taken):
                where = "fetched" if taken.fresh else "there already"
                removed = ", deleted from the roller" if taken.removed else ""
                output.result(f"{massage_line(taken.massage)}: {where}{removed}")
            case news.Unchecked():
                for line in UNCHECKED:
                    output.problem(line)
            case (
                news.ButtonCleared()
                | news.Displayed()
                | news.Closed()
                | news.NotNoted()
                | news.NotStopped()
                | news.NotWritten()
                | news.PassedOver()
            ):
                output.problem(_problem(said))
            case news.Examined():
                pass  # the check-up has a sheet of its own
            case _:
                output.note(_note(said))

    return tell


_Problem: TypeAlias = (
    "news.ButtonCleared | news.Displayed | news.Closed | news.NotNoted | news.NotStopped | news.NotWritten | "
    "news.PassedOver"
)


def _problem(said: _Problem) -> str:
    match said:
        case news.ButtonCleared():
            return _cleared(said)
        case news.Displayed(line):
            return f"[roller's display] {line}"
        case news.Closed():
            return _closed(said)
        case news.NotNoted(error):
            return f"glowtool: the time when the roller was seen could not be noted: {error}"
        case news.NotWritten(what, error):
            return f"glowtool: {what} could not be written: {error}"
        case news.PassedOver(error):
            return f"glowtool: devices of one driver are passed over: {error}"
        case news.NotStopped(roller, error):
            return f"{roller}: {error}"


def _cleared(said: news.ButtonCleared) -> str:
    gave = "current" if said.current else "vibration"
    what = f"the routine {visible(said.title)!r}" if said.title else "a routine that was not stored from here"
    beyond = f"{gave} beyond what you may have"
    if said.closed:
        beyond = f"{gave}, and whether you may have that is encrypted"
    if said.error is not None:
        return f"glowtool: the roller's button starts {what}, with {beyond}; it could not be cleared: {said.error}"
    return (
        f"glowtool: the roller's button started {what}, with {beyond}; it is cleared, and the button starts nothing now"
    )


def _closed(said: news.Closed) -> str:
    advice = (
        "; anyone who read the keys can pose as this computer: if others use this machine, pair again with "
        "`glowtool pair --repair`"
    )
    few = ", ".join(said.names[:_SHOWN]) + (f" and {len(said.names) - _SHOWN} more" if len(said.names) > _SHOWN else "")
    return f"glowtool: other users could read {few} in {said.root}; access is now closed{advice if said.keys else ''}"


_Noted: TypeAlias = (
    "FailedAttempt | NextAttempt | news.BrokenOff | news.Ended | news.Forgetting | news.LevelHeld | news.Listening | "
    "news.Looking | news.NewIdentity | news.NoSkin | news.Pairing | news.SystemAsks | news.Taring | news.Touched | "
    "news.TryingBond | news.Unconfirmed | news.Unfetched | news.Warned | news.WrongPasskey"
)


def _note(said: _Noted) -> str:  # noqa: C901, PLR0912 - one case for each kind of news
    match said:
        case news.Listening(adapter, timeout_s):
            return f"Listening{'' if adapter == 'auto' else f' on {adapter}'} for {timeout_s:g} s …"
        case FailedAttempt() | NextAttempt():
            return f"  {said}"
        case news.Looking(adapter, roller, unheld):
            if unheld:
                return f"No glowtool uses {roller}; looking for it on {adapter} …"
            return f"Looking for {roller or 'a roller'} on {adapter} …"
        case news.Ended():
            return "The roller was in the middle of a massage; the massage has ended."
        case news.LevelHeld(felt, level, percent):
            most = f"{level:.0f} µA" if felt is Output.MICROCURRENT else f"{100 * level:.0f} % of full"
            return f"  {most} felt, {percent} % of what is allowed today; rising …"
        case news.NoSkin():
            return "  No skin at a head: the outputs rest until both touch it …"
        case news.Taring(roller, heads):
            return f"Hold {roller} in the air, still, with {all_of_them(heads)} free …"
        case news.Touched():
            return "The roller is not still in the air: a head touches something, or it moves …"
        case news.TryingBond(roller):
            return f"A bond with {roller} is kept here; trying it …"
        case news.Pairing(roller):
            return f"Pairing with {roller} …"
        case news.SystemAsks():
            return "Your system asks for the passkey in a window of its own: type the digits on the roller's display."
        case news.WrongPasskey(attempt, of):
            return f"Wrong passkey, attempt {attempt} of {of}; the display shows a new one."
        case news.NewIdentity(roller, address):
            return f"{roller} was known as {address}; it has a new identity and keeps its name."
        case news.Forgetting(roller):
            return f"Asking {roller} to forget this computer …"
        case news.Unfetched():
            return _unfetched(said)
        case news.BrokenOff(roller, error):
            return f"The fetch from {roller} broke off ({error.says}); it goes on where it was …"
        case news.Warned(words):
            return f"Warning: {words}"
        case news.Unconfirmed(holder):
            return f"{_spoken(holder)} ended, but the roller did not confirm that its outputs are zero."


def _unfetched(said: news.Unfetched) -> str:
    massages = "A massage" if said.count == 1 else f"{said.count} massages"
    was, count = ("was", "It counts") if said.count == 1 else ("were", "They count")
    gave = f"{said.current_s / 60:.1f} min of current, {said.vibration_s / 60:.1f} min of vibration"
    whose = (
        "everybody: nobody knows whose it was, and `glowtool safety ledger --nobody` lists them"
        if said.person is None
        else visible(said.person)
    )
    return f"{massages} by the button {was} not fetched yet ({gave}). {count} for {whose}."


def _show_stop(output: Printer, said: news.Zeroed) -> None:
    if said.holder is not None:
        output.result(
            f"Stopped {_spoken(said.holder)}: the outputs of {said.roller} were confirmed zero after "
            f"{said.stop_ms:.0f} ms."
        )
        return
    output.result(f"Connected to {said.roller}: its outputs were confirmed zero after {said.stop_ms / 1000:.1f} s.")
    if said.ran:
        output.note("It had been running a massage.")
    if said.latched:
        output.note("Its emergency stop is latched; once it is safe, run `glowtool rearm`.")


def _spoken(holder: Holder) -> str:
    return holder.spoken(datetime.now(UTC))
