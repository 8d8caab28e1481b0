"""The own maximum of a person, set by trying: one output rises in steps on the skin until the person says stop."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.accounting import Account
from glowtool.app.ledger.auditing import audit
from glowtool.app.news import LevelHeld, NoSkin, untold
from glowtool.app.people.admitting import refusal
from glowtool.app.people.who import bounds_now, people_of
from glowtool.app.rollers.opening import opened
from glowtool.errors import SafetyError
from glowtool.kit.system.failures import bare
from glowtool.model.face import Direction, Zone
from glowtool.model.names import words_in
from glowtool.model.output import Output, Pattern, Waveform
from glowtool.model.program import Program, Step
from glowtool.model.state import Interlock, State
from glowtool.routine.models import PEAK_STEP_UA
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.ledger.book import NOBODY

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.people.who import Meant
    from glowtool.app.place import Place
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.model.output import Levels
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.people.profile import Profile
    from glowtool.store.rollers.known import KnownRoller

#: The shares of what is allowed today that are tried, in percent, each from the one before in a soft rise.
SHARES: Final = (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)

#: How long each is felt, on the skin.
HOLD_S: Final = 5.0

#: Without skin for this long, it ends.
LOST_S: Final = 30.0

_LOOK_S: Final = 0.1

#: What makes a roller end a trial without anybody's wish.
_NOT_BY_PERSON: Final = (
    Interlock.WATCHDOG | Interlock.LINK_LOSS | Interlock.BATTERY_EMPTY | Interlock.DOSE | Interlock.CHARGING
)

_AGAIN: Final = "hold both heads on the cheek, with gel for current, and try again"

#: All of it takes less than the longest step that is allowed.
_STEP_S: Final = 240.0
_RAMP_S: Final = 4.0

_TRIAL: Final = Step(
    zone=Zone.CHEEK_LEFT, direction=Direction.ANY, duration_s=_STEP_S, amplitude=0.0, vibration_hz=75.0,
    pattern=Pattern.STEADY, period_s=1.0, peak_ua=0, current_hz=10.0, waveform=Waveform.NONE, ramp_s=_RAMP_S,
    band_low_kpa=1.0, band_high_kpa=5.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tried:
    """The end of a trial: the highest level that was felt in full, µA or a share, and whether the person said stop."""

    output: Output
    felt: float
    stopped: bool


async def try_out(
    place: Place, who: Meant, roller: KnownRoller, output: Output, *, said_stop: asyncio.Event, tell: Tell
) -> Tried:
    """Raise one output on the skin until `said_stop` is set, or all that is allowed today is reached; stop it then.

    What is allowed leaves the own maximum out, which is being set. Raises `ScreeningError` when the person may not get
    the output, `SafetyError` when nothing of it is left today, and the errors of `opened`.
    """
    against = refusal(who, output)
    if against is not None:
        raise against
    bounds = bounds_now(place, _without_maximum(who))
    most = bounds.peak_ua // PEAK_STEP_UA * PEAK_STEP_UA if output is Output.MICROCURRENT else bounds.amplitude
    program = Program((_step(output, most),))
    whose = NOBODY if who.known is None else who.known.id
    account = Account(place, whose, roller, "maximum", program, logged=False)
    async with opened(place, roller, "person maximum", tell, personal=bounds) as connected:
        await connected.upload(program)
        await account.register(f"trial-{secrets.token_hex(8)}")
        try:
            with bare():
                async with asyncio.TaskGroup() as group:
                    beside = [
                        group.create_task(each) for each in (connected.keep_alive(), _counted(connected, account))
                    ]
                    felt, stopped = await _raised(connected, output, most, said_stop, tell)
                    for task in beside:
                        task.cancel()
        finally:
            await account.settle(tell)
    return Tried(output, felt, stopped)


async def _counted(roller: Roller, account: Account) -> None:
    """Have what is delivered counted in the ledger."""
    async for status in roller.status_changes():
        account.take(status)


def keep(place: Place, known: KnownPerson, tried: Tried, tell: Tell = untold) -> Profile:
    """Keep what a trial came to as the own maximum; without a stop there is no maximum below what is allowed."""
    field = "peak_ua" if tried.output is Output.MICROCURRENT else "amplitude"
    value = tried.felt if tried.stopped else None
    audit(place, AuditKind.BOUNDED, {"output": tried.output.value, "most": value}, person=known.id, tell=tell)
    return people_of(place).change(known, lambda profile: profile.model_copy(update={field: value}))


def _without_maximum(who: Meant) -> Meant:
    profile = who.profile
    return (
        who
        if profile is None
        else replace(who, profile=profile.model_copy(update={"peak_ua": None, "amplitude": None}))
    )


def _step(output: Output, most: float) -> Step:
    if most <= 0:
        raise SafetyError(f"nothing of the {output} is left for today", advice="try again tomorrow")
    if output is Output.MICROCURRENT:
        return replace(_TRIAL, peak_ua=int(most), waveform=Waveform.BIPHASIC_SQUARE)
    return replace(_TRIAL, amplitude=most)


async def _raised(
    roller: Roller, output: Output, most: float, said_stop: asyncio.Event, tell: Tell
) -> tuple[float, bool]:
    """Go through the shares; return the last level that was felt in full, and whether it was stopped before the end."""
    felt, until_s = 0.0, asyncio.get_running_loop().time() + _STEP_S - 1
    await roller.start()
    for share in SHARES:
        await roller.trim(share, share)
        level = most * share / 100
        if not await _held(roller, output, level, said_stop, tell):
            await roller.stop()
            if not said_stop.is_set():
                _require_by_person(roller, late=asyncio.get_running_loop().time() >= until_s)
            return felt, True
        felt = level
        tell(LevelHeld(output, level, share))
    await roller.stop()
    return felt, False


def _require_by_person(roller: Roller, *, late: bool) -> None:
    """Raise `SafetyError` when it was the roller that ended a trial, and no person: that says nothing of a maximum."""
    held_by = roller.status.interlocks & _NOT_BY_PERSON
    if held_by:
        raise SafetyError(
            f"the roller ended the trial by itself ({', '.join(words_in(held_by))}); the maximum is as it was",
            advice=_AGAIN,
        )
    if late:
        raise SafetyError("the trial took too long and is over; the maximum is as it was", advice=_AGAIN)


async def _held(roller: Roller, output: Output, level: float, said_stop: asyncio.Event, tell: Tell) -> bool:
    """Wait until a level was felt for its time, on the skin; return False when it was stopped, by whatever way.

    Raises `SafetyError` when there is no skin for a while.
    """
    clock, held_s, away_s, told = asyncio.get_running_loop().time, 0.0, 0.0, False
    before_s = clock()
    while held_s < HOLD_S:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await said_stop.wait()
        if said_stop.is_set() or roller.status.state is not State.RUNNING:
            return False
        now_s, status = clock(), roller.status
        passed_s, before_s = now_s - before_s, now_s
        if status.interlocks & Interlock.NO_CONTACT:
            away_s += passed_s
            if not told:
                tell(NoSkin())
                told = True
            if away_s > LOST_S:
                raise SafetyError(
                    f"there was no skin at both heads for {LOST_S:.0f} s: the trial is over, the maximum as it was",
                    advice=_AGAIN,
                )
            continue
        away_s, told = 0.0, False
        held_s += passed_s if _reached(output, status.levels, level) else 0.0
    return True


def _reached(output: Output, now: Levels, level: float) -> bool:
    """Return whether an output has risen to a level, as near as its source comes."""
    if output is Output.MICROCURRENT:
        return now.peak_ua > level - PEAK_STEP_UA
    return now.amplitude >= 0.9 * level
