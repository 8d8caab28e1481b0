"""All interlocks together: the most restrictive ruling wins."""

from __future__ import annotations

from itertools import repeat
from operator import call
from typing import TYPE_CHECKING, Final, NamedTuple

from glowsim.firmware.interlocks.agreement import SensorsAgree
from glowsim.firmware.interlocks.contact import ContactGate, DensityLimit
from glowsim.firmware.interlocks.heat import HeadTemperature
from glowsim.firmware.interlocks.impedance import ImpedanceLimit
from glowsim.firmware.interlocks.limits import DayDose, Durations, OnlyWhileRunning, PlaceWorked, SettingsLimit
from glowsim.firmware.interlocks.pressure import PressureCaution, PressureHalf, PressureZero
from glowsim.firmware.interlocks.rule import FREE
from glowsim.firmware.interlocks.supply import BatteryEmpty, BatteryWeak, Charging
from glowsim.firmware.interlocks.witness import SourceAgrees
from glowsim.firmware.outputs.limiter import OPEN_CAP, Cap

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.interlocks.rule import Moment, Rule, Ruling
    from glowsim.physics.types import Drive
    from glowtool.protocol.commands.states import Event

RULES: Final[tuple[Callable[[], Rule], ...]] = (
    OnlyWhileRunning,
    SettingsLimit,
    Durations,
    PlaceWorked,
    DayDose,
    ContactGate,
    SensorsAgree,
    SourceAgrees,
    DensityLimit,
    ImpedanceLimit,
    PressureCaution,
    PressureHalf,
    PressureZero,
    HeadTemperature,
    Charging,
    BatteryWeak,
    BatteryEmpty,
)


class Judgement(NamedTuple):
    """The combined ruling: what is allowed, what to report (bits of `Interlock`), what ends the massage."""

    cap: Cap
    flags: int
    ends: Event | None


_FREE: Final = Judgement(OPEN_CAP, 0, None)


class Interlocks:
    """The table, with the memory of its rules."""

    def __init__(self, rules: tuple[Callable[[], Rule], ...] = RULES) -> None:
        self._judges = tuple(make().judge for make in rules)
        self._all_free = [FREE] * len(self._judges)

    def judge(self, moment: Moment, wanted: Drive) -> Judgement:
        """Return the strictest of all rulings on the outputs wanted now."""
        # Without a loop, which would take longer than most rules; in most ticks nothing is held back.
        verdicts = list(map(call, self._judges, repeat(moment)))
        if verdicts == self._all_free:
            return _FREE
        return _strictest([verdict for verdict in verdicts if verdict is not FREE], wanted)


def _strictest(verdicts: list[Ruling], wanted: Drive) -> Judgement:
    amplitude_max, peak_ua_max, share = OPEN_CAP
    flags: int = 0
    ends: Event | None = None
    for verdict in verdicts:
        cap = verdict.cap
        amplitude_max = min(amplitude_max, cap.amplitude_max)
        peak_ua_max = min(peak_ua_max, cap.peak_ua_max)
        share = min(share, cap.share)
        ends = ends or verdict.ends
        if verdict.flag is not None and (not verdict.only_biting or _bites(verdict, wanted)):
            flags |= verdict.flag.value
    return Judgement(Cap(amplitude_max, peak_ua_max, share), flags, ends)


def _bites(verdict: Ruling, wanted: Drive) -> bool:
    return wanted.amplitude > verdict.cap.amplitude_max or wanted.peak_ua > verdict.cap.peak_ua_max
