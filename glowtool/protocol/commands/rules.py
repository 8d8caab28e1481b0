"""The rules for a command's request beyond the ranges of its fields; the rows of the command table name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.operands import ProgramBegin, ProgramData, SettingGet, SettingSet, TelemetryStart
from glowtool.protocol.meanings import SETTINGS
from glowtool.protocol.program import PROGRAM_SIZE_MAX, STEP_SIZE
from glowtool.protocol.status import RATES_HZ
from glowtool.protocol.vocabulary import Result, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.wire import Message

_SETTINGS: Final = frozenset(SETTINGS)


@dataclass(frozen=True, slots=True)
class Offer:
    """The telemetry that a roller offers: its rates in Hz, and the mask of its fast channels."""

    rates_hz: tuple[int, ...]
    fast_mask: int


GR1_OFFER: Final = Offer(RATES_HZ, ALL_FAST)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for requests, with the function that returns the result for a refusal.

    The function takes the operands, their tail, and the roller's offer.
    """

    wants: str
    failure: Callable[[Message, bytes, Offer], Result | None]


def _upload_fits(begin: Message, _tail: bytes, _offer: Offer) -> Result | None:
    fits = isinstance(begin, ProgramBegin) and begin.length == begin.steps * STEP_SIZE
    return None if fits else Result.OUT_OF_RANGE


def _piece_fits(data: Message, tail: bytes, _offer: Offer) -> Result | None:
    fits = isinstance(data, ProgramData) and data.offset + len(tail) <= PROGRAM_SIZE_MAX
    return None if fits else Result.OUT_OF_RANGE


def _setting_known(asked: Message, _tail: bytes, _offer: Offer) -> Result | None:
    return None if isinstance(asked, SettingGet) and asked.setting in _SETTINGS else Result.UNKNOWN_SETTING


def _setting_allowed(asked: Message, _tail: bytes, _offer: Offer) -> Result | None:
    if not isinstance(asked, SettingSet) or asked.setting not in _SETTINGS:
        return Result.UNKNOWN_SETTING
    facts = SETTINGS[Setting(asked.setting)]
    return None if facts.low <= asked.value <= facts.high else Result.OUT_OF_RANGE


def _stream_offered(asked: Message, _tail: bytes, offer: Offer) -> Result | None:
    fits = (
        isinstance(asked, TelemetryStart)
        and asked.rate_hz in offer.rates_hz
        and not asked.channel_mask & ~offer.fast_mask
    )
    return None if fits else Result.OUT_OF_RANGE


UPLOAD_FITS: Final = Rule(f"`length` is `steps` × {STEP_SIZE}, else `OUT_OF_RANGE`", _upload_fits)
PIECE_FITS: Final = Rule(f"the piece ends at byte {PROGRAM_SIZE_MAX} or before, else `OUT_OF_RANGE`", _piece_fits)
SETTING_KNOWN: Final = Rule("`setting` is in the table of settings, else `UNKNOWN_SETTING`", _setting_known)
SETTING_ALLOWED: Final = Rule(
    "`setting` is in the table of settings, else `UNKNOWN_SETTING`; `value` is in its range there, else `OUT_OF_RANGE`",
    _setting_allowed,
)
STREAM_OFFERED: Final = Rule(
    "`rate_hz` is one of the rates in the feature, and `channel_mask` has bits of fast channels only,"
    " else `OUT_OF_RANGE`",
    _stream_offered,
)
